import type { Before } from "../../runtime/preceded.ts";
import { ProxyHeaderReader } from "../../wire/proxy-protocol/proxy-header-reader.ts";
import { ProxyProtocolError } from "../../wire/proxy-protocol/proxy-header.ts";
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
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    const refuse = (code: TcpFaultCode, message: string): void => {
      clearTimeout(timer);
      socket.handler = { data() {}, end() {}, drain() {}, close() {} };
      socket.destroy();
      refused(code, message, remoteAddress);
    };
    const timer = setTimeout(() => {
      refuse("first_bytes_timeout", "the client did not say what must come first in time");
    }, firstBytesMs);
    if (trustedProxies?.has(remoteAddress) !== true) {
      refuse("proxy_header_untrusted", "the peer is not one of trusted_proxies");
      return;
    }
    const reader = new ProxyHeaderReader();
    socket.handler = {
      data(chunk) {
        try {
          const found = reader.push(chunk);
          if (found === undefined) return;
          clearTimeout(timer);
          const { source, destination, transport } = found.header;
          // A proxy that speaks for itself is the client.
          const ends =
            source && destination && transport === "tcp"
              ? {
                  remoteAddress: source.address,
                  remotePort: source.port,
                  localAddress: destination.address,
                  localPort: destination.port,
                }
              : { remoteAddress, remotePort, localAddress, localPort };
          ready(ends, found.rest);
        } catch (error) {
          if (!(error instanceof ProxyProtocolError)) throw error;
          refuse(error.code, error.message);
        }
      },
      end: () => refuse("proxy_header_missing", "the client ended before its PROXY header"),
      drain() {},
      close: () => clearTimeout(timer),
    };
  };
}
