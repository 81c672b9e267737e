import type { Duplex } from "../../../core/duplex.ts";
import type { Connection, Exchange, Protocol, PushOptions } from "../../../core/exchange.ts";
import { HeaderList } from "../../../http/header-list.ts";
import { preloadLink } from "../../../http/preload.ts";
import type { RequestHead } from "../../../wire/http1/request-head.ts";
import type { RequestTarget } from "../../../wire/http1/request-target.ts";
import type { Outcome } from "../../engine.ts";
import type { RequestBody } from "./request-body.ts";

/** What an exchange asks of its connection. */
export interface Http1Port {
  readonly connection: Connection;
  inform(exchange: Http1Exchange, status: number, headers: HeaderList): void;
  takeover(exchange: Http1Exchange, status: number, headers: HeaderList): Duplex;
  reset(exchange: Http1Exchange, reason: unknown): void;
}

/** One HTTP/1.x request. */
export class Http1Exchange implements Exchange {
  readonly head: RequestHead;
  readonly body: RequestBody | null;
  readonly receivedAt: number;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  closed = false;
  /** The head of the final answer was written. */
  answered = false;
  /** The whole answer was handed to the transport. */
  sent = false;
  status = 0;
  bytesSent = 0;
  readonly #port: Http1Port;
  #headers: HeaderList | undefined;
  #listeners: ((reason: unknown) => void)[] | undefined;
  #reason: unknown;

  constructor(
    port: Http1Port,
    head: RequestHead,
    target: RequestTarget,
    body: RequestBody | null,
    receivedAt: number,
  ) {
    this.#port = port;
    this.head = head;
    this.authority = target.authority;
    this.path = target.path;
    this.query = target.query;
    this.body = body;
    this.receivedAt = receivedAt;
  }

  get protocol(): Protocol {
    return this.head.minor === 1 ? "HTTP/1.1" : "HTTP/1.0";
  }
  get method(): string {
    return this.head.method;
  }
  get target(): string {
    return this.head.target;
  }
  get scheme(): "http" | "https" {
    return this.#port.connection.tls === undefined ? "http" : "https";
  }
  get headers(): HeaderList {
    return (this.#headers ??= new HeaderList(this.head.fields));
  }
  get connection(): Connection {
    return this.#port.connection;
  }

  inform(status: number, headers: HeaderList): void {
    if (status < 100 || status > 199 || status === 101) {
      throw new RangeError(`${status} is not an informational status: use 100 or 102 to 199`);
    }
    this.#port.inform(this, status, headers);
  }

  push(path: string, options: PushOptions = {}): "preload" | "none" {
    if (this.closed || this.answered || this.head.minor === 0) return "none";
    const headers = new HeaderList();
    headers.append("Link", preloadLink(path, options.as));
    this.inform(103, headers);
    return "preload";
  }

  reset(reason?: unknown): void {
    this.#port.reset(this, reason);
  }

  takeover(status: number, headers: HeaderList): Duplex {
    return this.#port.takeover(this, status, headers);
  }

  onClose(listener: (reason: unknown) => void): void {
    if (this.closed) listener(this.#reason);
    else (this.#listeners ??= []).push(listener);
  }

  /** What logs and metrics are told at the end. */
  outcome(error: unknown): Outcome {
    const durationMs = performance.now() - this.receivedAt;
    return { status: this.status, bytes: this.bytesSent, durationMs, error };
  }

  /** The connection is gone, or the exchange was broken off. */
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
