import { HeaderList } from "../http/header-list.ts";
import { canonicalPath } from "../http/path.ts";
import type { Duplex } from "../wire/duplex.ts";
import { HttpError } from "./errors.ts";
import type { CloseListener, Connection, Exchange, Protocol } from "./exchange.ts";
import { tellClosed } from "./tell-closed.ts";
import type { Source } from "../wire/source.ts";
import { sourceFromStream } from "../wire/source.ts";

const connection: Connection = {
  id: 0,
  remoteAddress: "127.0.0.1",
  remotePort: 0,
  localAddress: "127.0.0.1",
  localPort: 0,
  tls: undefined,
};

/** A web `Request` as an Exchange: what `app.fetch` hands in. There is no socket, so what needs one says so. */
export class FetchExchange implements Exchange {
  readonly protocol: Protocol = "HTTP/1.1";
  readonly method: string;
  readonly scheme: "http" | "https";
  readonly authority: string;
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly upgradeProtocol = undefined;
  readonly detached = true;
  readonly headers: HeaderList;
  readonly connection = connection;
  readonly body: Source | null;
  readonly receivedAt = performance.now();
  readonly #signal: AbortSignal;

  /** @throws HttpError 400 when the path has no canonical form. */
  constructor(request: Request) {
    const url = new URL(request.url);
    const canonical = canonicalPath(url.pathname);
    if (!canonical.ok) {
      throw new HttpError(400, `path_${canonical.problem}`, "The path has no canonical form.");
    }
    this.method = request.method;
    this.scheme = url.protocol === "https:" ? "https" : "http";
    this.authority = url.host;
    this.target = url.pathname + url.search;
    this.path = canonical.path;
    this.query = url.search.slice(1);
    this.headers = HeaderList.from(request.headers as Iterable<[string, string]>);
    this.body = request.body === null ? null : sourceFromStream(request.body);
    this.#signal = request.signal;
  }

  get closed(): boolean {
    return this.#signal.aborted;
  }

  inform(): void {}

  push(): "none" {
    return "none";
  }

  reset(reason?: unknown): void {
    throw reason ?? new Error("the exchange was reset");
  }

  takeover(): Duplex {
    throw new HttpError(
      501,
      "no_connection",
      "There is no connection to take over: serve the app to use WebSocket or CONNECT.",
    );
  }

  onClose(listener: CloseListener): void {
    const signal = this.#signal;
    const tell = (): void => tellClosed(listener, signal.reason);
    if (signal.aborted) tell();
    else signal.addEventListener("abort", tell, { once: true });
  }
}
