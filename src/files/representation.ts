import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { Reply } from "../core/reply.ts";
import type { ContentCoding } from "../http/accept-encoding.ts";
import type { Validators } from "../http/conditional.ts";
import { HeaderList } from "../http/header-list.ts";
import { formatHttpDate } from "../http/http-date.ts";

/** What tells one state of a file from another without reading it. */
export interface FileState {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

export function sameState(a: FileState, b: FileState): boolean {
  return (
    a.ino === b.ino &&
    a.size === b.size &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.dev === b.dev
  );
}

/** What all representations of one file have in common. */
export interface CommonFields {
  readonly type: string;
  readonly cacheControl: string | undefined;
  /** Whether another client may get another coding under the same address. */
  readonly varies: boolean;
}

/**
 * One file in one coding, with its replies prepared: they are frozen, shared by every request and must not be
 * changed by whoever gets them (`reply.with(headers)` makes an own one).
 */
export class Representation implements Validators {
  readonly coding: ContentCoding | undefined;
  /** Relative to the root; of the file the bytes are in. */
  readonly name: string;
  /** The state of that file. */
  readonly state: FileState;
  /** Length in bytes; undefined when it is compressed as it is sent. */
  readonly size: number | undefined;
  /** The bytes, of what is kept in memory. */
  readonly bytes: Uint8Array | undefined;
  readonly etag: string;
  /** Milliseconds, whole seconds. */
  readonly lastModified: number;
  /** Fields of a 200, frozen. */
  readonly headers: HeaderList;
  /** The 200, where it can be shared: with the bytes, or without any for HEAD. */
  readonly whole: Reply;
  readonly notModified: Reply;

  constructor(init: {
    coding: ContentCoding | undefined;
    name: string;
    state: FileState;
    size: number | undefined;
    bytes: Uint8Array | undefined;
    etag: string;
    /** Ranges need the same bytes every time. */
    ranges: boolean;
    common: CommonFields;
  }) {
    this.coding = init.coding;
    this.name = init.name;
    this.state = init.state;
    this.size = init.size;
    this.bytes = init.bytes;
    this.etag = init.etag;
    // RFC 9110 8.8.2.1: never later than the message itself.
    this.lastModified = wholeSeconds(Math.min(init.state.mtimeMs, Date.now()));
    const caching = this.#cachingFields(init.common);
    const flat = ["Content-Type", init.common.type];
    if (init.coding !== undefined) flat.push("Content-Encoding", init.coding);
    flat.push("Last-Modified", formatHttpDate(this.lastModified), ...caching);
    if (init.ranges) flat.push("Accept-Ranges", "bytes");
    // For HEAD, where there is no body to measure.
    if (init.bytes === undefined && init.size !== undefined) {
      flat.push("Content-Length", String(init.size));
    }
    this.headers = new HeaderList(flat).freeze();
    this.whole = Object.freeze(new Reply(init.bytes ?? null, 200, this.headers));
    // RFC 9110 15.4.5 lists the fields a 304 must repeat.
    this.notModified = Object.freeze(new Reply(null, 304, new HeaderList(caching).freeze()));
  }

  #cachingFields(common: CommonFields): string[] {
    const flat = ["ETag", this.etag];
    if (common.cacheControl !== undefined) flat.push("Cache-Control", common.cacheControl);
    if (common.varies) flat.push("Vary", "Accept-Encoding");
    return flat;
  }
}

/** A strong tag of the bytes themselves. A coding makes other bytes, and so another tag. */
export function contentTag(bytes: Uint8Array): string {
  return `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
}

/** A strong tag of size and modification time, in microseconds. */
export function stateTag(state: FileState, coding: ContentCoding | undefined): string {
  const tag = `${state.size.toString(36)}-${Math.round(state.mtimeMs * 1000).toString(36)}`;
  return coding === undefined ? `"${tag}"` : `"${tag}-${coding}"`;
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** The part of `stats` that is kept. */
export function stateOf(stats: Stats): FileState {
  const { dev, ino, size, mtimeMs, ctimeMs } = stats;
  return { dev, ino, size, mtimeMs, ctimeMs };
}
