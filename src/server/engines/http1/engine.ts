import type { Connection } from "../../../core/exchange.ts";
import type { Socket } from "../../../runtime/socket.ts";
import type { EngineHost } from "../../engine.ts";
import type { Sweeper } from "../../sweeper.ts";
import type { PrefaceHandler } from "./connection.ts";
import { Http1Connection } from "./connection.ts";

/** All HTTP/1.x connections of a server. */
export class Http1Engine {
  readonly #host: EngineHost;
  readonly #sweeper: Sweeper;
  readonly #onPreface: PrefaceHandler | undefined;
  readonly #connections = new Set<Http1Connection>();

  /** @param onPreface takes plain connections that speak HTTP/2 with prior knowledge; without it they get 505 */
  constructor(host: EngineHost, sweeper: Sweeper, onPreface?: PrefaceHandler) {
    this.#host = host;
    this.#sweeper = sweeper;
    this.#onPreface = onPreface;
  }

  get open(): number {
    return this.#connections.size;
  }

  /** @param gone called once, when the connection is closed or was handed over */
  accept(socket: Socket, connection: Connection, gone: () => void): void {
    const preface = connection.tls === undefined ? this.#onPreface : undefined;
    const entry = new Http1Connection(socket, connection, this.#host, preface, () => {
      this.#connections.delete(entry);
      this.#sweeper.delete(entry);
      gone();
    });
    this.#connections.add(entry);
    this.#sweeper.add(entry);
  }

  /** Closes what is idle; the rest closes with its answer, since the host is draining. */
  drain(): void {
    for (const connection of this.#connections) connection.drainIdle();
  }

  /** Breaks off what is left. */
  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }
}
