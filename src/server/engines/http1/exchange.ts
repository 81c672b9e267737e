import type { Duplex } from "../../../wire/duplex.ts";
import type { Connection, Protocol, PushOptions } from "../../../core/exchange.ts";
import { HeaderList } from "../../../http/header-list.ts";
import type { RequestHead } from "../../../wire/http1/request-head.ts";
import type { RequestTarget } from "../../../wire/http1/request-target.ts";
import type { Answerable } from "../answer.ts";
import { ExchangeState } from "../exchange-state.ts";
import type { RequestBody } from "./request-body.ts";

/** What an exchange asks of its connection. */
export interface Http1Port {
  readonly connection: Connection;
  inform(exchange: Http1Exchange, status: number, headers: HeaderList): void;
  takeover(exchange: Http1Exchange, status: number, headers: HeaderList): Duplex;
  reset(exchange: Http1Exchange, reason: unknown): void;
}

/** One HTTP/1.x request. */
export class Http1Exchange extends ExchangeState implements Answerable {
  readonly head: RequestHead;
  readonly body: RequestBody | null;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  /** The whole answer was handed to the transport. */
  sent = false;
  readonly #port: Http1Port;
  #headers: HeaderList | undefined;

  constructor(
    port: Http1Port,
    head: RequestHead,
    target: RequestTarget,
    body: RequestBody | null,
    receivedAt: number,
  ) {
    super(receivedAt);
    this.#port = port;
    this.head = head;
    this.authority = target.authority;
    this.path = target.path;
    this.query = target.query;
    this.body = body;
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
  get upgradeProtocol(): string | undefined {
    return this.head.upgrade?.toLowerCase();
  }
  get scheme(): "http" | "https" {
    return this.#port.connection.tls === undefined ? "http" : "https";
  }
  get headers(): HeaderList {
    return (this.#headers ??= HeaderList.received(this.head.fields));
  }
  get connection(): Connection {
    return this.#port.connection;
  }

  push(path: string, options: PushOptions = {}): "preload" | "none" {
    // RFC 9110 15.2: nothing informational to an HTTP/1.0 client.
    return this.head.minor === 0 ? "none" : this.preload(path, options);
  }

  reset(reason?: unknown): void {
    this.#port.reset(this, reason);
  }

  takeover(status: number, headers: HeaderList): Duplex {
    return this.#port.takeover(this, status, headers);
  }

  protected sendInformational(status: number, headers: HeaderList): void {
    this.#port.inform(this, status, headers);
  }
}
