import type { ConnectionOptions } from "node:tls";
import { connect } from "node:tls";
import type { PlainAddress } from "./bun-connect.ts";
import { TlsSocket } from "./tls-socket.ts";

/** How a backend is known and what we show it. */
export interface TlsClientSettings {
  /** For SNI and for the check of its certificate; a name, or an IP address, which is checked but not sent. */
  readonly serverName: string;
  /** Certificates to trust in the place of the system's, PEM. */
  readonly ca?: string;
  /** Our own certificate and key, PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** False trusts anybody. */
  readonly verify: boolean;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  /** Protocols in order of preference. */
  readonly alpn: readonly string[];
}

/** A TLS connection that was opened by us. */
export interface TlsClient {
  readonly socket: TlsSocket;
  /** The protocol that was agreed on, if any. */
  readonly alpn: string | undefined;
}

/**
 * Connects and shakes hands. The socket has no handler yet: it must be given one before anything is awaited.
 * @throws an error with a `code`: ECONNREFUSED, or one of the certificate's check
 */
export function connectTls(
  address: PlainAddress,
  settings: TlsClientSettings,
  signal: AbortSignal,
): Promise<TlsClient> {
  const { serverName, verify, alpn, ...rest } = settings;
  const isName = !/^[\d.]+$|:/.test(serverName);
  const options: ConnectionOptions = {
    ...rest,
    ...("unix" in address ? { path: address.unix } : address),
    // The name that is checked is this one in any case.
    ...(isName ? { servername: serverName } : { servername: "", host: serverName }),
    ALPNProtocols: [...alpn],
    rejectUnauthorized: verify,
  };
  if (!("unix" in address)) options.host = address.host;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const native = connect(options);
    const abort = (): void => void native.destroy(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    native.once("error", reject);
    native.once("secureConnect", () => {
      signal.removeEventListener("abort", abort);
      native.removeListener("error", reject);
      native.setNoDelay(true);
      resolve({ socket: new TlsSocket(native), alpn: native.alpnProtocol || undefined });
    });
  });
}
