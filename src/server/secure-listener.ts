import type { TlsListener, TlsListenOptions } from "../runtime/tls-listener.ts";
import { listenTls } from "../runtime/tls-listener.ts";
import type { Door } from "./door.ts";
import type { EngineHost } from "./engine.ts";
import type { Http1Engine } from "./engines/http1/engine.ts";
import type { Http2Engine } from "./engines/http2/engine.ts";
import type { ProxyHeaders } from "./proxy-header.ts";
import type { ServerSettings } from "./settings.ts";
import type { CertificateStore } from "./tls/certificate-store.ts";

const HANDSHAKE_MS = 10_000;

/** A TLS port: HTTP/2 and HTTP/1.1 by ALPN (RFC 9113 3.2). */
export function listenSecure(
  settings: ServerSettings,
  store: CertificateStore,
  host: EngineHost,
  door: Door,
  http1: Http1Engine,
  http2: Http2Engine | undefined,
  headers?: ProxyHeaders,
): Promise<TlsListener> {
  const options = {
    host: settings.host,
    port: settings.port,
    fd: settings.fd,
    contexts: store,
    alpn: http2 === undefined ? ["http/1.1"] : ["h2", "http/1.1"],
    handshakeTimeoutMs: HANDSHAKE_MS,
    ...(headers && { before: proxyHeaderOf(headers, door) }),
  };
  return listenTls(options, {
    admit: (address) => door.admit(address),
    left: (address) => door.leave(address),
    http1(socket, facts) {
      const connection = door.enter(socket, store.describe(facts));
      http1.accept(socket, connection, () => door.exit(connection));
    },
    http2(socket, facts) {
      const connection = door.enter(socket, store.describe(facts));
      http2?.accept(socket, undefined, connection, () => door.exit(connection));
    },
    refused(code, remoteAddress) {
      host.observer.refused?.({ code, status: 0, remoteAddress });
    },
  });
}

/** Reads the header before the handshake; see {@link TlsListenOptions.before}. */
function proxyHeaderOf(headers: ProxyHeaders, door: Door): NonNullable<TlsListenOptions["before"]> {
  return (socket, ready) =>
    headers.read(socket, ready, (code) => door.refuse(code, socket.remoteAddress));
}
