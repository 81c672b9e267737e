import type { Connection, TlsInfo } from "../core/exchange.ts";
import type { SocketAddresses } from "./connection-info.ts";
import { ConnectionInfo } from "./connection-info.ts";
import type { EngineHost } from "./engine.ts";
import type { Limits } from "./limits.ts";

/** Counts open connections, in all and per client address, over every listener of a server, and reports them. */
export class Door {
  #open = 0;
  readonly #clients = new Map<string, number>();
  readonly #host: EngineHost;

  constructor(host: EngineHost) {
    this.#host = host;
  }

  /** Connections that are in. */
  get open(): number {
    return this.#open;
  }

  /** Counts a connection in. @returns false when it is one too many, which was reported: close it */
  admit(address: string): boolean {
    const { limits } = this.#host;
    const code = this.#refusal(address, limits);
    if (code !== undefined) {
      this.refuse(code, address);
      return false;
    }
    this.#clients.set(address, (this.#clients.get(address) ?? 0) + 1);
    this.#open++;
    return true;
  }

  /** Tells that a connection was closed before it was in. */
  refuse(code: string, address: string): void {
    this.#host.observer.refused?.({ code, status: 0, remoteAddress: address });
  }

  leave(address: string): void {
    this.#open--;
    const count = this.#clients.get(address) ?? 0;
    if (count <= 1) this.#clients.delete(address);
    else this.#clients.set(address, count - 1);
  }

  /** Describes an admitted connection and tells the observer. */
  enter(socket: SocketAddresses, tls: TlsInfo | undefined): Connection {
    const connection = new ConnectionInfo(socket, tls);
    this.#host.observer.opened?.(connection);
    return connection;
  }

  /** The connection is closed. */
  exit(connection: Connection): void {
    this.#host.observer.closed?.(connection);
  }

  #refusal(address: string, limits: Limits): string | undefined {
    if (this.#open >= limits.connections) return "too_many_connections";
    const limit = limits.connectionsPerClient;
    if (limit > 0 && (this.#clients.get(address) ?? 0) >= limit) return "too_many_from_client";
    return undefined;
  }
}
