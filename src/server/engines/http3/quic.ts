import type { KeyObject, X509Certificate } from "node:crypto";
import type { SocketAddress } from "node:net";

/**
 * What this engine uses of `node:quic`. The module is young and its published types lag behind what
 * runtimes have, so the engine names what it relies on; the tests hold a runtime to it.
 */
export interface QuicModule {
  listen(
    onsession: (session: QuicSession) => void,
    options: QuicListenOptions,
  ): Promise<QuicEndpoint>;
}

export interface QuicIdentity {
  readonly keys: readonly KeyObject[];
  readonly certs: readonly Uint8Array[];
}

export interface QuicListenOptions {
  readonly endpoint: {
    readonly address: SocketAddress;
    readonly maxConnectionsPerHost: number;
    readonly maxConnectionsTotal: number;
    readonly ipv6Only?: boolean;
  };
  readonly alpn: readonly string[];
  /** By exact name, `*.` and one label, or `*` for the default. */
  readonly sni: Readonly<Record<string, QuicIdentity>>;
  readonly ca?: readonly Uint8Array[];
  readonly verifyClient: boolean;
  readonly rejectUnauthorized: boolean;
  readonly enableEarlyData: boolean;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
  readonly application: {
    readonly maxHeaderPairs: number;
    readonly maxHeaderLength: number;
    readonly maxFieldSectionSize: number;
  };
  readonly transportParams: {
    readonly initialMaxData: number;
    readonly initialMaxStreamDataBidiRemote: number;
    readonly initialMaxStreamsBidi: number;
    /** Milliseconds. */
    readonly maxIdleTimeout: number;
  };
}

export interface QuicEndpoint {
  readonly address: SocketAddress | undefined;
  readonly closed: Promise<void>;
  readonly destroyed: boolean;
  /** While true, new sessions are refused. */
  busy: boolean;
  maxConnectionsTotal: number;
  /** Accepts no more sessions; resolves when those that are open have ended. */
  close(): Promise<void>;
  destroy(): Promise<void>;
  setSNIContexts(
    entries: Readonly<Record<string, QuicIdentity>>,
    options: { replace: boolean },
  ): void;
}

export interface QuicHandshake {
  /** Without a value where the client sent none. */
  readonly servername: string | false | null | undefined;
  readonly protocol: string;
  readonly cipher: string;
  readonly cipherVersion: string;
  /** Undefined only when the peer's certificate was verified. */
  readonly validationErrorReason: string | undefined;
}

export interface QuicSession {
  readonly path: { readonly local: SocketAddress; readonly remote: SocketAddress } | undefined;
  readonly closed: Promise<void>;
  readonly destroyed: boolean;
  readonly stats: { readonly bytesReceived: bigint };
  readonly certificate: X509Certificate | undefined;
  readonly peerCertificate: X509Certificate | undefined;
  onerror: ((error: unknown) => void) | undefined;
  onhandshake: ((info: QuicHandshake) => void) | undefined;
  onstream: ((stream: QuicStream) => void) | undefined;
  /** Sends GOAWAY and ends once the open streams have; with a code, CONNECTION_CLOSE. */
  close(options?: QuicCloseOptions): Promise<void>;
  destroy(error?: unknown, options?: QuicCloseOptions): void;
}

export interface QuicCloseOptions {
  readonly code: number;
  readonly type: "application";
  readonly reason?: string;
}

/** Field sections as the module has them: repeated names become lists. */
export type QuicFields = Record<string, string | string[]>;

export interface QuicStream extends AsyncIterable<Uint8Array[]> {
  readonly id: bigint | null;
  readonly direction: "bidi" | "uni";
  readonly destroyed: boolean;
  readonly closed: Promise<void>;
  readonly stats: { readonly bytesSent: bigint };
  highWaterMark: number;
  onheaders: ((fields: QuicFields) => void) | undefined;
  ontrailers: ((fields: QuicFields) => void) | undefined;
  onwanttrailers: (() => void) | undefined;
  onreset: ((error: unknown) => void) | undefined;
  onerror: ((error: unknown) => void) | undefined;
  readonly writer: QuicWriter;
  sendHeaders(fields: QuicFields, options?: { terminal: boolean }): boolean;
  sendInformationalHeaders(fields: QuicFields): boolean;
  sendTrailers(fields: QuicFields): boolean;
  /** The whole of what is sent, and its end. */
  setBody(body: Uint8Array): void;
  stopSending(code: bigint): void;
  resetStream(code: bigint): void;
  destroy(error?: unknown, options?: { code: number }): void;
}

export interface QuicWriter {
  /** Bytes it takes now; 0 = wait, null = closed. */
  readonly desiredSize: number | null;
  /** @returns false when nothing was taken */
  writeSync(chunk: Uint8Array): boolean;
  endSync(): number;
}

/** Resolves when a writer takes bytes again; null when it does now or never will. */
export function drained(writer: QuicWriter): Promise<unknown> | null {
  const wait = (writer as unknown as Record<symbol, () => Promise<unknown> | null>)[DRAINABLE];
  return wait === undefined ? null : wait();
}

// The protocol of Node's iterable streams, by which their `ondrain` asks too.
const DRAINABLE = Symbol.for("Stream.drainableProtocol");

let loaded: Promise<QuicModule> | undefined;

/**
 * Loads `node:quic` when the first HTTP/3 listener asks for it.
 * @throws (rejects with) an error with the code `http3_unavailable` where the runtime has no such module
 */
export function loadQuic(): Promise<QuicModule> {
  loaded ??= importQuietly().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function importQuietly(): Promise<QuicModule> {
  // The import warns that the module is experimental. We say so in the guide; a user of a server can do
  // nothing about it. Every other warning passes, and the original is back before anything else runs.
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (typeof warning === "string" && /^quic is an experimental feature/i.test(warning)) return;
    (emitWarning as (...all: unknown[]) => void).call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    return (await import("node:quic")) as unknown as QuicModule;
  } catch (cause) {
    throw new Http3Error(
      "http3_unavailable",
      "This runtime has no `node:quic`, so it cannot serve HTTP/3: set `http3 = false`, or run it on Bun 1.4.5 or later.",
      { cause },
    );
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Why HTTP/3 cannot be served. */
export class Http3Error extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Http3Error";
    this.code = code;
  }
}
