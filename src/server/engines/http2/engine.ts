import type { Http2Server, ServerHttp2Session } from "node:http2";
import { createServer } from "node:http2";
import type { Duplex } from "node:stream";
import type { Connection } from "../../../core/exchange.ts";
import { SocketStream } from "../../../runtime/socket-stream.ts";
import type { Socket } from "../../../runtime/socket.ts";
import type { Engine, EngineHost } from "../../engine.ts";
import type { Sweeper } from "../../sweeper.ts";
import { Http2Connection } from "./session.ts";

/** All HTTP/2 connections of a server, on the runtime's `node:http2`, which is fed the sockets. */
export class Http2Engine implements Engine {
  readonly #host: EngineHost;
  readonly #sweeper: Sweeper;
  readonly #server: Http2Server;
  readonly #connections = new Set<Http2Connection>();
  #entering: { connection: Connection; gone: () => void } | undefined;

  constructor(host: EngineHost, sweeper: Sweeper) {
    this.#host = host;
    this.#sweeper = sweeper;
    const { headerBytes, headerCount, streams } = host.limits;
    this.#server = createServer({
      maxHeaderListPairs: headerCount + 8,
      settings: {
        maxConcurrentStreams: streams,
        maxHeaderListSize: headerBytes,
        enableConnectProtocol: true,
      },
    });
    this.#server.on("session", (session) => this.#enter(session));
  }

  /** Takes a connection that negotiated `h2`. @param gone called once, when it is closed */
  accept(socket: Duplex, connection: Connection, gone: () => void): void {
    this.#entering = { connection, gone };
    // The session is made before this returns.
    this.#server.emit("connection", socket);
    this.#entering = undefined;
  }

  /** Takes a plain connection that began with the preface, which is in `first`. */
  acceptSocket(socket: Socket, first: Uint8Array, connection: Connection, gone: () => void): void {
    this.accept(new SocketStream(socket, first), connection, gone);
  }

  drain(): void {
    for (const connection of this.#connections) connection.goAway();
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #enter(session: ServerHttp2Session): void {
    const entering = this.#entering;
    if (entering === undefined) {
      session.destroy();
      return;
    }
    const entry = new Http2Connection(session, entering.connection, this.#host);
    this.#connections.add(entry);
    this.#sweeper.add(entry);
    session.on("close", () => {
      this.#connections.delete(entry);
      this.#sweeper.delete(entry);
      entering.gone();
    });
    if (this.#host.draining) entry.goAway();
  }
}
