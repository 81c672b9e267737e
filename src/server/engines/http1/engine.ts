import type { Connection } from "../../../core/exchange.ts";
import type { Socket } from "../../../runtime/socket.ts";
import type { Engine, EngineHost } from "../../engine.ts";
import type { Sweeper } from "../../sweeper.ts";
import type { PrefaceHandler } from "./preface.ts";
import { Http1Connection } from "./connection.ts";

/** All HTTP/1.x connections of a server. */
export class Http1Engine implements Engine {
  readonly #host: EngineHost;
  readonly #sweeper: Sweeper;
  readonly #connections = new Set<Http1Connection>();

  constructor(host: EngineHost, sweeper: Sweeper) {
    this.#host = host;
    this.#sweeper = sweeper;
  }

  /**
   * Takes a connection; its handler is set when this returns.
   * @param gone called once, when the connection is closed
   * @param onPreface takes the connection over if it speaks HTTP/2 with prior knowledge; without it that is 505
   */
  accept(
    socket: Socket,
    connection: Connection,
    gone: () => void,
    onPreface?: PrefaceHandler,
  ): void {
    const handOver: PrefaceHandler | undefined =
      onPreface &&
      ((...taken) => {
        this.#forget(entry);
        onPreface(...taken);
      });
    const entry = new Http1Connection(socket, connection, this.#host, handOver, () => {
      this.#forget(entry);
      gone();
    });
    this.#connections.add(entry);
    this.#sweeper.add(entry);
  }

  drain(): void {
    for (const connection of this.#connections) connection.drainIdle();
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #forget(entry: Http1Connection): void {
    this.#connections.delete(entry);
    this.#sweeper.delete(entry);
  }
}
