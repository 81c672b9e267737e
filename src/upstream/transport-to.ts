import type { PlainAddress } from "../runtime/bun-connect.ts";
import { connectPlain } from "../runtime/bun-connect.ts";
import type { Socket } from "../runtime/socket.ts";
import type { TlsClientSettings } from "../runtime/tls-connect.ts";
import { connectTls } from "../runtime/tls-connect.ts";
import type { Transport } from "./call.ts";
import { dial } from "./dial.ts";
import type { Endpoint } from "./endpoint.ts";
import { UpstreamFault } from "./fault.ts";
import { Http1Pool } from "./http1/pool.ts";
import { Http2Transport } from "./http2/transport.ts";
import type { PoolLimits } from "./pool-limits.ts";

/** How backends are asked over TLS. */
export interface UpstreamTls {
  /** Asked for and verified in the place of the backend's host. */
  readonly serverName?: string;
  /** Authorities to trust in the place of the system's, PEM. */
  readonly ca?: string;
  /** Our own certificate and its key, PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** False trusts anybody. Default true. */
  readonly verify?: boolean;
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

/** What speaks to a backend in its protocol. */
export function transportTo(endpoint: Endpoint, limits: PoolLimits, tls: UpstreamTls): Transport {
  const connect = endpoint.tls ? secureConnect(endpoint, tls) : connectPlain;
  const dialBackend = (signal: AbortSignal): Promise<Socket> => dial(endpoint, connect, signal);
  return endpoint.protocol === "h2"
    ? new Http2Transport(endpoint, dialBackend, limits)
    : new Http1Pool(endpoint, dialBackend, limits);
}

function secureConnect(
  endpoint: Endpoint,
  tls: UpstreamTls,
): (address: PlainAddress, attempt: AbortSignal) => Promise<Socket> {
  const isHttp2 = endpoint.protocol === "h2";
  const settings = tlsSettings(endpoint, tls, isHttp2 ? "h2" : "http/1.1");
  return async (address, attempt) => {
    const { socket, alpn } = await connectTls(address, settings, attempt);
    // RFC 9113 3.2: over TLS it is agreed on.
    if (isHttp2 && alpn !== "h2") {
      socket.destroy();
      const message = `${endpoint.name} does not offer HTTP/2 (ALPN h2)`;
      throw new UpstreamFault("tls_failed", message, "nothing");
    }
    return socket;
  };
}

function tlsSettings(
  endpoint: Endpoint,
  { serverName, verify = true, minVersion = "TLSv1.2", ...rest }: UpstreamTls,
  protocol: string,
): TlsClientSettings {
  return {
    ...rest,
    serverName: serverName ?? endpoint.host ?? "localhost",
    verify,
    minVersion,
    alpn: [protocol],
  };
}
