import type { Before } from "../../runtime/preceded.ts";
import { awaitProxyHeader } from "../../wire/proxy-protocol/await-proxy-header.ts";
import type { TcpFaultCode, TcpProxySettings } from "./settings.ts";

/** Why a connection was closed before its handshake. */
export type RefuseHeader = (code: TcpFaultCode, message: string, client: string) => void;

/**
 * Reads the PROXY header that comes before a TLS handshake which is done here.
 * @param settings those of the present moment
 */
export function proxyHeaderBefore(settings: () => TcpProxySettings, refused: RefuseHeader): Before {
  return (socket, ready) => {
    const { trustedProxies, firstBytesMs } = settings();
    const { remoteAddress } = socket;
    awaitProxyHeader(socket, {
      trusts: (peer) => trustedProxies?.has(peer) === true,
      timeoutMs: firstBytesMs,
      read: ready,
      refused(code, message) {
        // As of connections whose bytes are passed on as they come.
        const own = code === "proxy_header_timeout" ? "first_bytes_timeout" : code;
        refused(own, message, remoteAddress);
      },
    });
  };
}
