import type { Duplex } from "../../../wire/duplex.ts";
import { HttpError } from "../../../core/errors.ts";
import type { Connection, Protocol, PushOptions } from "../../../core/exchange.ts";
import type { HeaderList } from "../../../http/header-list.ts";
import type { Answerable } from "../answer.ts";
import { MultiplexedExchange } from "../multiplexed/multiplexed-exchange.ts";
import type { MultiplexedRequest } from "../multiplexed/request-fields.ts";
import type { RequestContent } from "./request-content.ts";

/** What an exchange asks of its stream. */
export interface StreamPort {
  inform(status: number, headers: HeaderList): void;
  /** @returns false where the client does not take pushed streams */
  push(path: string, headers: HeaderList | undefined): boolean;
  reset(reason: unknown): void;
  takeover(status: number, headers: HeaderList): Duplex;
}

/** One HTTP/2 request. */
export class Http2Exchange extends MultiplexedExchange<RequestContent> implements Answerable {
  readonly protocol: Protocol = "HTTP/2";
  readonly #port: StreamPort;

  constructor(
    port: StreamPort,
    connection: Connection,
    request: MultiplexedRequest,
    body: RequestContent | null,
    receivedAt: number,
  ) {
    super(connection, request, body, receivedAt);
    this.#port = port;
  }

  push(path: string, options: PushOptions = {}): "push" | "preload" | "none" {
    if (this.closed || this.answered) return "none";
    if (this.#port.push(path, options.headers)) return "push";
    return this.preload(path, options);
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

  protected sendInformational(status: number, headers: HeaderList): void {
    this.#port.inform(status, headers);
  }
}
