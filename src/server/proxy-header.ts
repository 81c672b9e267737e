import { IpNetworks } from "../http/ip-networks.ts";
import type { Socket } from "../runtime/socket.ts";
import type { ProxyHeaderRefusal } from "../wire/proxy-protocol/await-proxy-header.ts";
import { awaitProxyHeader } from "../wire/proxy-protocol/await-proxy-header.ts";
import type { SocketAddresses } from "./connection-info.ts";

/** How long a proxy has for its header. */
const HEADER_MS = 5_000;

/** Reads the PROXY header (versions 1 and 2) that each connection of a listener has to begin with. */
export class ProxyHeaders {
  readonly #trusted: IpNetworks;

  /** @param trusted networks whose headers are believed. @throws TypeError naming the entry that is none */
  constructor(trusted: readonly string[]) {
    this.#trusted = new IpNetworks(trusted);
  }

  /**
   * Reads the header of a connection, whose handler is the caller's again afterwards.
   * @param read is given whom the connection is for, and what came behind the header
   * @param refused says why the connection was closed; a code of `Observer.refused`
   */
  read(
    socket: Socket,
    read: (addresses: SocketAddresses, rest: Uint8Array) => void,
    refused: (code: ProxyHeaderRefusal) => void,
  ): void {
    awaitProxyHeader(socket, {
      trusts: (peer) => this.#trusted.has(peer),
      timeoutMs: HEADER_MS,
      read,
      refused,
    });
  }
}
