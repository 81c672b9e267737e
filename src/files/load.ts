import fs from "node:fs";
import type { Stats } from "node:fs";
import type { ContentCoding } from "../http/accept-encoding.ts";
import { isCompressible, typeOfFile, UNKNOWN_TYPE, withCharset } from "../http/media-type.ts";
import { Entry } from "./entry.ts";
import type { StaticSettings } from "./options.ts";
import { contentTag, Representation, stateOf, stateTag } from "./representation.ts";
import type { CommonFields, FileState } from "./representation.ts";
import type { SiteRoot } from "./site-root.ts";

/** Precompressed files by the suffix tools give them. */
const SUFFIXES: readonly (readonly [ContentCoding, string])[] = [
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
];

/** Looks for `name.br` and the like. Whether they are newer than the file is the builder's business. */
export function findSiblings(
  root: SiteRoot,
  name: string,
  settings: StaticSettings,
): Map<ContentCoding, FileState> {
  const found = new Map<ContentCoding, FileState>();
  if (!settings.precompressed) return found;
  for (const [coding, suffix] of SUFFIXES) {
    const stats = root.stat(name + suffix);
    if (stats?.isFile() === true) found.set(coding, stateOf(stats));
  }
  return found;
}

/**
 * Reads what is to be known of a file, and its bytes if it is small.
 * @throws HttpError as {@link SiteRoot.open} does. @returns undefined when there is no such file inside the root
 */
export function load(
  root: SiteRoot,
  name: string,
  siblings: ReadonlyMap<ContentCoding, FileState>,
  settings: StaticSettings,
): Entry | undefined {
  const main = read(root, name, settings);
  if (main === undefined) return undefined;
  const type = typeOfFile(name, settings.mediaTypes) ?? UNKNOWN_TYPE;
  const size = main.state.size;
  const onTheFly =
    settings.encodings.length > 0 &&
    isCompressible(type) &&
    size >= settings.compressMin &&
    size <= settings.compressMax;
  const files: [ContentCoding, ReadFile][] = [];
  for (const [coding, suffix] of SUFFIXES) {
    const file = siblings.has(coding) ? read(root, name + suffix, settings) : undefined;
    if (file !== undefined) files.push([coding, file]);
  }
  const common: CommonFields = {
    type: withCharset(type, settings.charset),
    cacheControl: settings.cacheControl(name),
    varies: onTheFly || files.length > 0,
  };
  const plain = represent(name, main, undefined, common, settings);
  const precompressed = files.map(([coding, file]) =>
    represent(name + suffixOf(coding), file, coding, common, settings),
  );
  return new Entry(plain, precompressed, common, onTheFly, settings);
}

function suffixOf(coding: ContentCoding): string {
  return SUFFIXES.find(([known]) => known === coding)?.[1] ?? "";
}

interface ReadFile {
  readonly state: FileState;
  readonly bytes: Uint8Array | undefined;
}

function read(root: SiteRoot, name: string, settings: StaticSettings): ReadFile | undefined {
  const opened = root.open(name);
  if (opened === undefined) return undefined;
  try {
    const { fd, stats } = opened;
    if (stats.size > settings.maxFileBytes || settings.cacheBytes === 0) {
      return { state: stateOf(stats), bytes: undefined };
    }
    return readSmall(fd, stats);
  } finally {
    fs.closeSync(opened.fd);
  }
}

/** The whole file, of one state: it is read again when it changes meanwhile. */
function readSmall(fd: number, first: Stats): ReadFile {
  let stats = first;
  for (let attempt = 0; ; attempt++) {
    const bytes = new Uint8Array(stats.size);
    let filled = 0;
    while (filled < bytes.byteLength) {
      const count = fs.readSync(fd, bytes, filled, bytes.byteLength - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    const after = fs.fstatSync(fd);
    const settled = after.size === stats.size && after.mtimeMs === stats.mtimeMs;
    if ((settled && filled === bytes.byteLength) || attempt === 3) {
      return { state: stateOf(stats), bytes: bytes.subarray(0, filled) };
    }
    stats = after;
  }
}

function represent(
  name: string,
  file: ReadFile,
  coding: ContentCoding | undefined,
  common: CommonFields,
  settings: StaticSettings,
): Representation {
  const { bytes, state } = file;
  const byContent = bytes !== undefined && settings.etag === "content";
  return new Representation({
    coding,
    name,
    state,
    size: bytes?.byteLength ?? state.size,
    bytes,
    etag: byContent ? contentTag(bytes) : stateTag(state, coding),
    ranges: true,
    common,
  });
}
