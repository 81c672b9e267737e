import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "../../../core/duplex.ts";
import { HttpError } from "../../../core/errors.ts";
import type { Connection, Exchange, Protocol, PushOptions } from "../../../core/exchange.ts";
import { HeaderList } from "../../../http/header-list.ts";
import { preloadLink } from "../../../http/preload.ts";
import type { Outcome } from "../../engine.ts";
import { fieldPairs } from "../multiplexed/reply-fields.ts";
import type { MultiplexedRequest } from "../multiplexed/request-fields.ts";
import { headerObject } from "./header-object.ts";
import type { StreamBody } from "./stream-body.ts";
import { StreamTunnel } from "./stream-tunnel.ts";

const CANCEL = 8;

/** One HTTP/2 stream. */
export class Http2Exchange implements Exchange {
  readonly protocol: Protocol = "HTTP/2";
  readonly connection: Connection;
  readonly body: StreamBody | null;
  readonly receivedAt: number;
  readonly request: MultiplexedRequest;
  closed = false;
  answered = false;
  status = 0;
  bytesSent = 0;
  readonly #stream: ServerHttp2Stream;
  #listeners: ((reason: unknown) => void)[] | undefined;
  #reason: unknown;

  constructor(
    stream: ServerHttp2Stream,
    connection: Connection,
    request: MultiplexedRequest,
    body: StreamBody | null,
    receivedAt: number,
  ) {
    this.#stream = stream;
    this.connection = connection;
    this.request = request;
    this.body = body;
    this.receivedAt = receivedAt;
  }

  get method(): string {
    return this.request.method;
  }
  get scheme(): "http" | "https" {
    return this.request.scheme;
  }
  get authority(): string {
    return this.request.authority;
  }
  get target(): string {
    return this.request.target;
  }
  get path(): string {
    return this.request.path;
  }
  get query(): string {
    return this.request.query;
  }
  get headers(): HeaderList {
    return this.request.headers;
  }

  inform(status: number, headers: HeaderList): void {
    if (status < 100 || status > 199 || status === 101) {
      throw new RangeError(`${status} is not an informational status: use 100 or 102 to 199`);
    }
    if (this.closed || this.answered) return;
    this.#stream.additionalHeaders({ ":status": status, ...headerObject(fieldPairs(headers)) });
  }

  push(path: string, options: PushOptions = {}): "push" | "preload" | "none" {
    if (this.closed || this.answered) return "none";
    const headers = new HeaderList();
    headers.append("link", preloadLink(path, options.as));
    this.inform(103, headers);
    return "preload";
  }

  reset(reason?: unknown): void {
    this.end(reason ?? new Error("the exchange was reset"));
    this.#stream.close(CANCEL);
  }

  takeover(status: number, headers: HeaderList): Duplex {
    if (this.request.method !== "CONNECT" || status < 200 || status > 299) {
      const detail = "On HTTP/2 a protocol is changed by CONNECT with `:protocol` (RFC 8441).";
      throw new HttpError(426, "upgrade_required", detail);
    }
    if (this.answered || this.closed) throw new Error("this request was answered already");
    this.answered = true;
    this.status = status;
    this.#stream.respond({ ":status": status, ...headerObject(fieldPairs(headers)) });
    return new StreamTunnel(this.#stream);
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
    this.body?.fail(reason);
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
