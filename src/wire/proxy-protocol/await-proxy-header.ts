import type { Socket } from "../../runtime/socket.ts";
import type { ProxyHeader, ProxyProtocolErrorCode } from "./proxy-header.ts";
import { ProxyProtocolError } from "./proxy-header.ts";
import { ProxyHeaderReader } from "./proxy-header-reader.ts";

/** Whom a connection is for. */
export interface ProxiedEnds {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

/** Why a connection that has to begin with a PROXY header was closed. */
export type ProxyHeaderRefusal =
  | "proxy_header_untrusted"
  | "proxy_header_timeout"
  | ProxyProtocolErrorCode;

export interface AwaitedProxyHeader {
  /** Whether a peer may speak for others. */
  trusts(peer: string): boolean;
  /** How many milliseconds the whole header may take. */
  readonly timeoutMs: number;
  /** Is given whom the connection is for, and what came behind the header. The handler is the caller's again. */
  read(ends: ProxiedEnds, rest: Uint8Array): void;
  /** The connection was closed. */
  refused(code: ProxyHeaderRefusal, message: string): void;
}

/** Reads the PROXY header that a connection has to begin with, and closes one that does not. */
export function awaitProxyHeader(
  socket: Socket,
  { trusts, timeoutMs, read, refused }: AwaitedProxyHeader,
): void {
  const refuse = (code: ProxyHeaderRefusal, message: string): void => {
    clearTimeout(timer);
    socket.handler = { data() {}, end() {}, drain() {}, close() {} };
    socket.destroy();
    refused(code, message);
  };
  const timer = setTimeout(() => {
    refuse("proxy_header_timeout", "the PROXY header did not come in time");
  }, timeoutMs);
  if (!trusts(socket.remoteAddress)) {
    refuse("proxy_header_untrusted", "the peer is not one of those who may send a PROXY header");
    return;
  }
  const reader = new ProxyHeaderReader();
  socket.handler = {
    data(chunk) {
      try {
        const found = reader.push(chunk);
        if (found === undefined) return;
        clearTimeout(timer);
        read(endsOf(found.header, socket), found.rest);
      } catch (error) {
        if (!(error instanceof ProxyProtocolError)) throw error;
        refuse(error.code, error.message);
      }
    },
    end: () => refuse("proxy_header_missing", "the client ended before its PROXY header"),
    drain() {},
    close: () => clearTimeout(timer),
  };
}

/** Those of the header; of a proxy that speaks for itself its own. */
function endsOf({ source, destination, transport }: ProxyHeader, own: Socket): ProxiedEnds {
  // A path of a unix socket is no address that anything here could use.
  if (source === undefined || destination === undefined || transport !== "tcp") {
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
