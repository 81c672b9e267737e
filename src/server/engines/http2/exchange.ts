import type { Duplex } from "../../../core/duplex.ts";
import { HttpError } from "../../../core/errors.ts";
import type { Connection, Protocol, PushOptions } from "../../../core/exchange.ts";
import { HeaderList } from "../../../http/header-list.ts";
import { preloadLink } from "../../../http/preload.ts";
import type { Outcome } from "../../engine.ts";
import type { Answerable } from "../answer.ts";
import type { MultiplexedRequest } from "../multiplexed/request-fields.ts";
import type { StreamBody } from "./stream-body.ts";

/** What an exchange asks of its stream. */
export interface StreamPort {
  inform(status: number, headers: HeaderList): void;
  /** @returns false where the client does not take pushed streams */
  push(path: string, headers: HeaderList | undefined): boolean;
  reset(reason: unknown): void;
  takeover(status: number, headers: HeaderList): Duplex;
}

/** One HTTP/2 request. */
export class Http2Exchange implements Answerable {
  readonly protocol: Protocol = "HTTP/2";
  readonly connection: Connection;
  readonly body: StreamBody | null;
  readonly receivedAt: number;
  readonly #request: MultiplexedRequest;
  closed = false;
  answered = false;
  status = 0;
  bytesSent = 0;
  readonly #port: StreamPort;
  #listeners: ((reason: unknown) => void)[] | undefined;
  #reason: unknown;

  constructor(
    port: StreamPort,
    connection: Connection,
    request: MultiplexedRequest,
    body: StreamBody | null,
    receivedAt: number,
  ) {
    this.#port = port;
    this.connection = connection;
    this.#request = request;
    this.body = body;
    this.receivedAt = receivedAt;
  }

  get method(): string {
    return this.#request.method;
  }
  get scheme(): "http" | "https" {
    return this.#request.scheme;
  }
  get authority(): string {
    return this.#request.authority;
  }
  get target(): string {
    return this.#request.target;
  }
  get path(): string {
    return this.#request.path;
  }
  get query(): string {
    return this.#request.query;
  }
  get headers(): HeaderList {
    return this.#request.headers;
  }

  inform(status: number, headers: HeaderList): void {
    if (status < 100 || status > 199 || status === 101) {
      throw new RangeError(`${status} is not an informational status: use 100 or 102 to 199`);
    }
    if (!this.closed && !this.answered) this.#port.inform(status, headers);
  }

  push(path: string, options: PushOptions = {}): "push" | "preload" | "none" {
    if (this.closed || this.answered) return "none";
    if (this.#port.push(path, options.headers)) return "push";
    this.inform(103, new HeaderList(["link", preloadLink(path, options.as)]));
    return "preload";
  }

  reset(reason?: unknown): void {
    this.#port.reset(reason ?? new Error("the exchange was reset"));
  }

  takeover(status: number, headers: HeaderList): Duplex {
    if (this.answered || this.closed) throw new Error("this request was answered already");
    if (this.method !== "CONNECT" || status < 200 || status > 299) {
      const detail = "On HTTP/2 a protocol is changed by CONNECT with `:protocol` (RFC 8441).";
      throw new HttpError(426, "upgrade_required", detail);
    }
    this.answered = true;
    this.status = status;
    return this.#port.takeover(status, headers);
  }

  onClose(listener: (reason: unknown) => void): void {
    if (this.closed) listener(this.#reason);
    else (this.#listeners ??= []).push(listener);
  }

  /** The stream broke off. */
  end(reason: unknown): void {
    if (this.closed) return;
    this.closed = true;
    this.#reason = reason;
    // What a tunnel has received to its end can still be read.
    const { body } = this;
    if (body !== null && !(body.tunnel && body.ended)) body.fail(reason);
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) listener(reason);
  }

  /** What logs and metrics are told at the end. */
  outcome(error: unknown): Outcome {
    const durationMs = performance.now() - this.receivedAt;
    return { status: this.status, bytes: this.bytesSent, durationMs, error };
  }
}
