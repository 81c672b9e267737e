import type { Connection } from "../../../core/exchange.ts";
import type { Socket } from "../../../runtime/socket.ts";
import type { Engine, EngineHost } from "../../engine.ts";
import type { Sweeper } from "../../sweeper.ts";
import { Http2Connection } from "./connection.ts";

/** All HTTP/2 connections of a server. */
export class Http2Engine implements Engine {
  readonly #host: EngineHost;
  readonly #sweeper: Sweeper;
  readonly #connections = new Set<Http2Connection>();

  constructor(host: EngineHost, sweeper: Sweeper) {
    this.#host = host;
    this.#sweeper = sweeper;
  }

  /**
   * Takes a connection that speaks HTTP/2; its handler is set when this returns.
   * @param first what was read from it already
   * @param gone called once, when the connection is closed
   */
  accept(
    socket: Socket,
    first: Uint8Array | undefined,
    connection: Connection,
    gone: () => void,
  ): void {
    const entry = new Http2Connection(socket, connection, this.#host, () => {
      this.#connections.delete(entry);
      this.#sweeper.delete(entry);
      gone();
    });
    this.#connections.add(entry);
    this.#sweeper.add(entry);
    if (this.#host.draining) entry.goAway();
    if (first !== undefined) entry.data(first);
  }

  drain(): void {
    for (const connection of this.#connections) connection.goAway();
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }
}
