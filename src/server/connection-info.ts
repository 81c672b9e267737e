import type { Connection, TlsInfo } from "../core/exchange.ts";
import type { Socket } from "../runtime/socket.ts";

let last = 0;

/** What of a socket a connection is known by. */
export type SocketAddresses = Pick<
  Socket,
  "remoteAddress" | "remotePort" | "localAddress" | "localPort"
>;

/** What is known of a connection; addresses are read from the socket once asked for, and kept past its end. */
export class ConnectionInfo implements Connection {
  readonly id = ++last;
  readonly remoteAddress: string;
  readonly tls: TlsInfo | undefined;
  readonly #socket: SocketAddresses;

  constructor(socket: SocketAddresses, tls: TlsInfo | undefined) {
    this.#socket = socket;
    this.remoteAddress = socket.remoteAddress;
    this.tls = tls;
  }

  get remotePort(): number {
    return this.#socket.remotePort;
  }
  get localAddress(): string {
    return this.#socket.localAddress;
  }
  get localPort(): number {
    return this.#socket.localPort;
  }
}
