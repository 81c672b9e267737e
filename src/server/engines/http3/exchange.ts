import type { Duplex } from "../../../core/duplex.ts";
import type { Connection, Exchange, Protocol, PushOptions } from "../../../core/exchange.ts";
import { HeaderList } from "../../../http/header-list.ts";
import { preloadLink } from "../../../http/preload.ts";
import type { Outcome } from "../../engine.ts";
import type { MultiplexedRequest } from "../multiplexed/request-fields.ts";
import type { Http3RequestBody } from "./request-body.ts";

/** What an exchange asks of its stream. */
export interface Http3Port {
  inform(status: number, headers: HeaderList): void;
  takeover(status: number, headers: HeaderList): Duplex;
  reset(reason: unknown): void;
}

/** One HTTP/3 request. */
export class Http3Exchange implements Exchange {
  readonly protocol: Protocol = "HTTP/3";
  readonly scheme = "https";
  readonly receivedAt: number;
  readonly connection: Connection;
  readonly body: Http3RequestBody | null;
  closed = false;
  /** The head of the final answer was handed to the transport. */
  answered = false;
  status = 0;
  bytesSent = 0;
  readonly #request: MultiplexedRequest;
  readonly #port: Http3Port;
  #listeners: ((reason: unknown) => void)[] | undefined;
  #reason: unknown;

  constructor(
    port: Http3Port,
    connection: Connection,
    request: MultiplexedRequest,
    body: Http3RequestBody | null,
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

  // No client of HTTP/3 allows server push any more, and the transport has none.
  push(path: string, options: PushOptions = {}): "preload" | "none" {
    if (this.closed || this.answered) return "none";
    const headers = new HeaderList();
    headers.append("link", preloadLink(path, options.as));
    this.inform(103, headers);
    return "preload";
  }

  reset(reason?: unknown): void {
    this.#port.reset(reason);
  }

  takeover(status: number, headers: HeaderList): Duplex {
    return this.#port.takeover(status, headers);
  }

  onClose(listener: (reason: unknown) => void): void {
    if (this.closed) listener(this.#reason);
    else (this.#listeners ??= []).push(listener);
  }

  outcome(error: unknown): Outcome {
    const durationMs = performance.now() - this.receivedAt;
    return { status: this.status, bytes: this.bytesSent, durationMs, error };
  }

  /** It was broken off. */
  end(reason: unknown): void {
    if (this.closed) return;
    this.closed = true;
    this.#reason = reason;
    this.body?.fail(reason);
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) listener(reason);
  }
}
