import type { Connection } from "../../../core/exchange.ts";
import type { HeaderList } from "../../../http/header-list.ts";
import type { EngineBody } from "../exchange-state.ts";
import { ExchangeState } from "../exchange-state.ts";
import type { MultiplexedRequest } from "./request-fields.ts";

/** What the exchanges of HTTP/2 and HTTP/3 have in common: a request that came as fields. */
export abstract class MultiplexedExchange<B extends EngineBody> extends ExchangeState {
  readonly connection: Connection;
  readonly body: B | null;
  readonly #request: MultiplexedRequest;

  constructor(
    connection: Connection,
    request: MultiplexedRequest,
    body: B | null,
    receivedAt: number,
  ) {
    super(receivedAt);
    this.connection = connection;
    this.#request = request;
    this.body = body;
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
  get upgradeProtocol(): string | undefined {
    return this.#request.protocol?.toLowerCase();
  }
  get headers(): HeaderList {
    return this.#request.headers;
  }
}
