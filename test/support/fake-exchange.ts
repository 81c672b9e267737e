import type { Duplex } from "../../src/wire/duplex.ts";
import type { CloseListener, Connection, Exchange, Protocol } from "../../src/core/exchange.ts";
import { tellClosed } from "../../src/core/tell-closed.ts";
import type { Reply } from "../../src/core/reply.ts";
import { isSource } from "../../src/core/reply.ts";
import type { Source } from "../../src/wire/source.ts";
import { readAll } from "../../src/wire/source.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { canonicalPath } from "../../src/http/path.ts";

const connection: Connection = {
  id: 1,
  remoteAddress: "192.0.2.1",
  remotePort: 50_000,
  localAddress: "127.0.0.1",
  localPort: 8080,
  tls: undefined,
};

export interface FakeRequest {
  method?: string;
  headers?: Record<string, string> | readonly (readonly [string, string])[];
  authority?: string;
  body?: Source | null;
  protocol?: Protocol;
  connection?: Partial<Connection>;
  scheme?: "http" | "https";
}

/** An exchange without a socket, which records what is done to it. */
export class FakeExchange implements Exchange {
  readonly protocol: Protocol;
  readonly method: string;
  readonly scheme: "http" | "https";
  readonly authority: string;
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly upgradeProtocol = undefined;
  readonly headers: HeaderList;
  readonly connection: Connection;
  readonly body: Source | null;
  readonly receivedAt = performance.now();
  closed = false;
  /** What was sent by {@link inform}. */
  readonly informed: { status: number; headers: HeaderList }[] = [];
  /** Paths given to {@link push}. */
  readonly pushed: string[] = [];
  readonly #listeners: CloseListener[] = [];

  /**
   * @param target as a client would send it: path and query
   * @throws Error when the path has no canonical form: a server would have answered 400
   */
  constructor(target: string, request: FakeRequest = {}) {
    const at = target.indexOf("?");
    const raw = at < 0 ? target : target.slice(0, at);
    const canonical = canonicalPath(raw);
    if (!canonical.ok) throw new Error(`no canonical path: ${canonical.problem}`);
    this.target = target;
    this.path = canonical.path;
    this.query = at < 0 ? "" : target.slice(at + 1);
    this.method = request.method ?? "GET";
    this.protocol = request.protocol ?? "HTTP/1.1";
    this.scheme = request.scheme ?? "http";
    this.authority = request.authority ?? "example.test";
    this.headers = HeaderList.from(request.headers);
    this.connection = { ...connection, ...request.connection };
    this.body = request.body ?? null;
  }

  inform(status: number, headers: HeaderList): void {
    this.informed.push({ status, headers });
  }

  push(path: string): "none" {
    this.pushed.push(path);
    return "none";
  }

  /** Ends the exchange early, as a client that goes away does. */
  reset(reason: unknown = new Error("reset")): void {
    if (this.closed) return;
    this.closed = true;
    for (const listener of this.#listeners) tellClosed(listener, reason);
  }

  takeover(): Duplex {
    throw new Error("a fake exchange has no connection to take over");
  }

  onClose(listener: CloseListener): void {
    this.#listeners.push(listener);
  }
}

/** The bytes an engine would send of a reply. */
export async function bodyBytes(reply: Reply): Promise<Uint8Array> {
  const body = reply.body;
  if (body === null) return new Uint8Array(0);
  if (typeof body === "string") return new TextEncoder().encode(body);
  return isSource(body) ? readAll(body) : body;
}

export async function bodyText(reply: Reply): Promise<string> {
  return new TextDecoder().decode(await bodyBytes(reply));
}
