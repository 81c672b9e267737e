import { connectPlain } from "../runtime/bun-connect.ts";
import type { TlsClientSettings } from "../runtime/tls-connect.ts";
import { connectTls } from "../runtime/tls-connect.ts";
import type { Transport } from "./call.ts";
import { dial } from "./dial.ts";
import type { Endpoint } from "./endpoint.ts";
import type { PoolLimits } from "./http1/pool.ts";
import { Http1Pool } from "./http1/pool.ts";

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
  if (!endpoint.tls) {
    return new Http1Pool(endpoint, (signal) => dial(endpoint, connectPlain, signal), limits);
  }
  const settings = tlsSettings(endpoint, tls);
  return new Http1Pool(
    endpoint,
    (signal) =>
      dial(
        endpoint,
        async (address, attempt) => (await connectTls(address, settings, attempt)).socket,
        signal,
      ),
    limits,
  );
}

function tlsSettings(
  endpoint: Endpoint,
  { serverName, verify = true, minVersion = "TLSv1.2", ...rest }: UpstreamTls,
): TlsClientSettings {
  return {
    ...rest,
    serverName: serverName ?? endpoint.host ?? "localhost",
    verify,
    minVersion,
    alpn: ["http/1.1"],
  };
}
