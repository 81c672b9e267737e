import type { HeaderList } from "../http/header-list.ts";
import type { Duplex } from "../wire/duplex.ts";
import type {
  CloseListener,
  Connection,
  Exchange,
  Protocol,
  PushOptions,
  TlsInfo,
  UpstreamNote,
} from "./exchange.ts";
import type { Forwarded } from "./forwarded.ts";
import type { RouteInfo } from "./route.ts";
import type { Source } from "../wire/source.ts";

/** What may differ from the exchange it came from. */
export interface ExchangeChanges {
  readonly method?: string;
  readonly scheme?: "http" | "https";
  readonly authority?: string;
  /** The request target; goes with `path` and `query`. */
  readonly target?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: HeaderList;
  readonly body?: Source | null;
  /** The client as a trusted proxy tells it. */
  readonly forwarded?: Forwarded | undefined;
}

/** An exchange with parts of its request replaced. Whatever answers it is done by the one it came from. */
export class DerivedExchange implements Exchange {
  readonly protocol: Protocol;
  readonly method: string;
  readonly scheme: "http" | "https";
  readonly authority: string;
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly upgradeProtocol: string | undefined;
  readonly headers: HeaderList;
  readonly connection: Connection;
  readonly body: Source | null;
  readonly receivedAt: number;
  readonly detached: boolean;
  readonly #origin: Exchange;

  constructor(origin: Exchange, changes: ExchangeChanges) {
    this.protocol = origin.protocol;
    this.method = changes.method ?? origin.method;
    const { forwarded } = changes;
    this.scheme = forwarded?.scheme ?? changes.scheme ?? origin.scheme;
    this.authority = forwarded?.authority ?? changes.authority ?? origin.authority;
    this.target = changes.target ?? origin.target;
    this.path = changes.path ?? origin.path;
    this.query = changes.query ?? origin.query;
    this.upgradeProtocol = origin.upgradeProtocol;
    this.headers = changes.headers ?? origin.headers;
    this.connection =
      forwarded === undefined
        ? origin.connection
        : new ForwardedConnection(origin.connection, forwarded.ip);
    this.body = changes.body === undefined ? origin.body : changes.body;
    this.receivedAt = origin.receivedAt;
    this.detached = origin.detached === true;
    this.#origin = origin;
  }

  get closed(): boolean {
    return this.#origin.closed;
  }

  set route(route: RouteInfo | undefined) {
    this.#origin.route = route;
  }
  get route(): RouteInfo | undefined {
    return this.#origin.route;
  }
  set upstream(note: UpstreamNote | undefined) {
    this.#origin.upstream = note;
  }
  get upstream(): UpstreamNote | undefined {
    return this.#origin.upstream;
  }
  set requestId(id: string | undefined) {
    this.#origin.requestId = id;
  }
  get requestId(): string | undefined {
    return this.#origin.requestId;
  }

  inform(status: number, headers: HeaderList): void {
    this.#origin.inform(status, headers);
  }

  push(path: string, options?: PushOptions): "push" | "preload" | "none" {
    return this.#origin.push(path, options);
  }

  reset(reason?: unknown): void {
    this.#origin.reset(reason);
  }

  takeover(status: number, headers: HeaderList): Duplex {
    return this.#origin.takeover(status, headers);
  }

  onClose(listener: CloseListener): void {
    this.#origin.onClose(listener);
  }
}

/** A connection with the address of whoever is behind the proxy that made it, whose port is not known. */
class ForwardedConnection implements Connection {
  readonly id: number;
  readonly remoteAddress: string;
  readonly remotePort = 0;
  readonly localAddress: string;
  readonly localPort: number;
  readonly #origin: Connection;

  constructor(origin: Connection, remoteAddress: string) {
    this.id = origin.id;
    this.remoteAddress = remoteAddress;
    this.localAddress = origin.localAddress;
    this.localPort = origin.localPort;
    this.#origin = origin;
  }

  get tls(): TlsInfo | undefined {
    return this.#origin.tls;
  }
}
