import type { Duplex } from "../../../wire/duplex.ts";
import type { Connection, Protocol, PushOptions } from "../../../core/exchange.ts";
import type { HeaderList } from "../../../http/header-list.ts";
import type { Answerable } from "../answer.ts";
import { MultiplexedExchange } from "../multiplexed/multiplexed-exchange.ts";
import type { MultiplexedRequest } from "../multiplexed/request-fields.ts";
import type { Http3RequestBody } from "./request-body.ts";

/** What an exchange asks of its stream. */
export interface Http3Port {
  inform(status: number, headers: HeaderList): void;
  takeover(status: number, headers: HeaderList): Duplex;
  reset(reason: unknown): void;
}

/** One HTTP/3 request. */
export class Http3Exchange extends MultiplexedExchange<Http3RequestBody> implements Answerable {
  readonly protocol: Protocol = "HTTP/3";
  readonly #port: Http3Port;

  constructor(
    port: Http3Port,
    connection: Connection,
    request: MultiplexedRequest,
    body: Http3RequestBody | null,
    receivedAt: number,
  ) {
    super(connection, request, body, receivedAt);
    this.#port = port;
  }

  // No client of HTTP/3 allows server push any more, and the transport has none.
  push(path: string, options: PushOptions = {}): "preload" | "none" {
    return this.preload(path, options);
  }

  reset(reason?: unknown): void {
    this.#port.reset(reason);
  }

  takeover(status: number, headers: HeaderList): Duplex {
    return this.#port.takeover(status, headers);
  }

  protected sendInformational(status: number, headers: HeaderList): void {
    this.#port.inform(status, headers);
  }
}
