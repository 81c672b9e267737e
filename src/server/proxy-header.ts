import { IpNetworks } from "../http/ip-networks.ts";
import type { Socket } from "../runtime/socket.ts";
import type { ProxyHeader } from "../wire/proxy-protocol/proxy-header.ts";
import { ProxyProtocolError } from "../wire/proxy-protocol/proxy-header.ts";
import { ProxyHeaderReader } from "../wire/proxy-protocol/proxy-header-reader.ts";
import type { SocketAddresses } from "./connection-info.ts";

/** How long a proxy has for its header. */
const HEADER_MS = 5_000;

/** What a connection was refused for: a code of `Observer.refused`. */
export type ProxyHeaderRefusal =
  | "proxy_header_untrusted"
  | "proxy_header_timeout"
  | ProxyProtocolError["code"];

/** Reads the PROXY header (versions 1 and 2) that each connection of a listener has to begin with. */
export class ProxyHeaders {
  readonly #trusted: IpNetworks;

  /** @param trusted networks whose headers are believed. @throws TypeError naming the entry that is none */
  constructor(trusted: readonly string[]) {
    this.#trusted = new IpNetworks(trusted);
  }

  /** Whether a peer may speak for others. */
  trusts(peer: string): boolean {
    return this.#trusted.has(peer);
  }

  /**
   * Reads the header of a connection, whose handler is the caller's again afterwards.
   * @param read is given whom the connection is for, and what came behind the header
   * @param refused says why the connection was closed
   */
  read(
    socket: Socket,
    read: (addresses: SocketAddresses, rest: Uint8Array) => void,
    refused: (code: ProxyHeaderRefusal) => void,
  ): void {
    const refuse = (code: ProxyHeaderRefusal): void => {
      clearTimeout(timer);
      socket.handler = { data() {}, end() {}, drain() {}, close() {} };
      socket.destroy();
      refused(code);
    };
    const timer = setTimeout(() => refuse("proxy_header_timeout"), HEADER_MS);
    if (!this.trusts(socket.remoteAddress)) {
      refuse("proxy_header_untrusted");
      return;
    }
    const reader = new ProxyHeaderReader();
    socket.handler = {
      data(chunk) {
        try {
          const found = reader.push(chunk);
          if (found === undefined) return;
          clearTimeout(timer);
          read(addressesOf(found.header, socket), found.rest);
        } catch (error) {
          if (!(error instanceof ProxyProtocolError)) throw error;
          refuse(error.code);
        }
      },
      end: () => refuse("proxy_header_missing"),
      drain() {},
      close: () => clearTimeout(timer),
    };
  }
}

/** Those of the header; of a proxy that speaks for itself its own. */
export function addressesOf(
  { source, destination, transport }: ProxyHeader,
  own: SocketAddresses,
): SocketAddresses {
  // A path of a unix socket is no address that anything here could use.
  if (source === undefined || destination === undefined || !transport?.startsWith("tcp")) {
    const { remoteAddress, remotePort, localAddress, localPort } = own;
    return { remoteAddress, remotePort, localAddress, localPort };
  }
  return {
    remoteAddress: source.address,
    remotePort: source.port,
    localAddress: destination.address,
    localPort: destination.port,
  };
}
