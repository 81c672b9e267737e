import type { AddressInfo, Server as NetServer } from "node:net";
import { createServer as createNetServer } from "node:net";
import type { SecureContext, Server, TLSSocket, TlsOptions } from "node:tls";
import { createServer } from "node:tls";
import type { TlsFacts } from "./tls-facts.ts";
import { readTlsFacts } from "./tls-facts.ts";
import type { Before } from "./preceded.ts";
import { Preceded } from "./preceded.ts";
import type { ConnectionEnds } from "./tls-socket.ts";
import { TlsSocket } from "./tls-socket.ts";

/** Where a listener takes its certificates from; what it answers may change while it runs. */
export interface TlsContexts {
  /**
   * For clients that send no server name, and what holds for every handshake. A listener that is given
   * another object here forgets all sessions.
   */
  readonly defaults: TlsDefaults;
  /** The context for a server name; undefined takes the default. */
  select(serverName: string): SecureContext | undefined;
  /** Calls back after each change. @returns a function that ends it */
  onChange(listener: () => void): () => void;
}

export interface TlsDefaults {
  cert: string;
  key: string;
  ca?: string;
  minVersion: "TLSv1.2" | "TLSv1.3";
  /** Whether clients are asked for a certificate. */
  requestCert: boolean;
  /** Whether a handshake without a valid one fails. */
  rejectUnauthorized: boolean;
}

export interface TlsListenOptions {
  host: string;
  port: number;
  /** An inherited listening descriptor; host and port are then only names. */
  fd?: number | undefined;
  contexts: TlsContexts;
  /** Protocols in order of preference, such as `["h2", "http/1.1"]`. */
  alpn: readonly string[];
  /** Milliseconds a client has for its handshake. */
  handshakeTimeoutMs: number;
  /** What connections begin with before their handshake. */
  before?: Before;
}

export interface TlsHandlers {
  /** A connection was accepted, before its handshake; false closes it at once. */
  admit?(remoteAddress: string): boolean;
  /** An admitted connection is gone, whether its handshake was finished or not. */
  left?(remoteAddress: string): void;
  /** HTTP/1.x was negotiated, or nothing was. Must set the socket's handler before it returns. */
  http1(socket: TlsSocket, facts: TlsFacts): void;
  /** `h2` was negotiated. Must set the socket's handler before it returns. */
  http2(socket: TlsSocket, facts: TlsFacts): void;
  /** A handshake failed; the connection is closed. */
  refused?(code: TlsRefusalCode, remoteAddress: string, error: Error): void;
}

export type TlsRefusalCode =
  | "tls_handshake_failed"
  | "tls_handshake_timeout"
  | "tls_plain_http"
  | "tls_client_certificate"
  | "tls_no_common_protocol";

/** A TLS port. */
export interface TlsListener {
  readonly port: number;
  /** Stops accepting; open connections stay. */
  stop(): void;
}

/**
 * Listens for TLS. Certificates are chosen for each handshake by server name.
 * @throws (rejects with) an error with a `code` such as EADDRINUSE or EACCES
 */
export function listenTls(options: TlsListenOptions, handlers: TlsHandlers): Promise<TlsListener> {
  const { contexts } = options;
  const settings = {
    ...contexts.defaults,
    ALPNProtocols: [...options.alpn],
    handshakeTimeout: options.handshakeTimeoutMs,
    // A client that has sent its last request may half-close and still be answered.
    allowHalfOpen: true,
    noDelay: true,
    SNICallback(name: string, answer: (error: Error | null, context?: SecureContext) => void) {
      answer(null, contexts.select(name));
    },
  } satisfies TlsOptions & { allowHalfOpen: boolean };
  const server = createServer(settings);

  const preceded = options.before && new Preceded(options.before);
  const endsOf = (native: TLSSocket): ConnectionEnds => preceded?.endsOf(native) ?? native;
  const turnedAway = new WeakSet<TLSSocket>();
  server.on("connection", (socket: TLSSocket) => {
    const address = endsOf(socket).remoteAddress ?? "";
    if (handlers.admit?.(address) === false) {
      turnedAway.add(socket);
      socket.destroy();
      return;
    }
    if (handlers.left !== undefined) socket.once("close", () => handlers.left?.(address));
  });
  server.on("secureConnection", (native: TLSSocket) => {
    // Listened to from here on, or a reset would end the process.
    native.on("error", ignore);
    const facts = readTlsFacts(native, contexts.defaults.requestCert);
    if (contexts.defaults.rejectUnauthorized && facts.clientCertificate === undefined) {
      native.destroy();
      handlers.refused?.(
        "tls_client_certificate",
        endsOf(native).remoteAddress ?? "",
        new Error("the client's certificate is not valid"),
      );
    } else if (facts.alpn === "h2") handlers.http2(new TlsSocket(native, endsOf(native)), facts);
    else handlers.http1(new TlsSocket(native, endsOf(native)), facts);
  });
  server.on("tlsClientError", (error: Error & { code?: string }, socket: TLSSocket) => {
    const address = endsOf(socket).remoteAddress ?? "";
    socket.on("error", ignore);
    socket.destroy();
    // Destroying it ended its handshake, which is nobody else's fault.
    if (turnedAway.has(socket)) return;
    handlers.refused?.(refusalCode(error.code ?? ""), address, error);
  });

  let adopted = contexts.defaults;
  const release = contexts.onChange(() => {
    if (contexts.defaults === adopted) return;
    adopted = contexts.defaults;
    adopt(server, adopted);
  });
  // What is read before the handshake is read by a server in front.
  const front: NetServer =
    preceded === undefined
      ? server
      : createNetServer({ allowHalfOpen: true, noDelay: true }, (native) =>
          preceded.accept(native, () => server.emit("connection", native)),
        );
  return new Promise((resolve, reject) => {
    front.once("error", (error) => {
      release();
      reject(error);
    });
    front.listen(
      options.fd === undefined ? { host: options.host, port: options.port } : { fd: options.fd },
      () => {
        // Accepting can fail later, for want of descriptors; the clients that wait are served afterwards.
        front.on("error", ignore);
        resolve({
          port: (front.address() as AddressInfo | null)?.port ?? options.port,
          stop() {
            release();
            front.close();
          },
        });
      },
    );
  });
}

/** Changes a listening server; open connections keep what they have. */
function adopt(server: Server, defaults: TlsDefaults): void {
  const { requestCert, rejectUnauthorized } = defaults;
  // Whether clients are asked for a certificate has no public setter. Bun and Node name it differently, and
  // Bun reads it when it is given a context.
  Object.assign(server, {
    requestCert,
    rejectUnauthorized,
    _requestCert: requestCert,
    _rejectUnauthorized: rejectUnauthorized,
  });
  server.setSecureContext({ ...defaults });
}

function refusalCode(code: string): TlsRefusalCode {
  if (code === "ERR_TLS_HANDSHAKE_TIMEOUT") return "tls_handshake_timeout";
  if (code === "ERR_SSL_HTTP_REQUEST") return "tls_plain_http";
  if (code === "ERR_SSL_NO_APPLICATION_PROTOCOL") return "tls_no_common_protocol";
  if (/CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO/.test(code)) return "tls_client_certificate";
  return "tls_handshake_failed";
}

function ignore(): void {}
