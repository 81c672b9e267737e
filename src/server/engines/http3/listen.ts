import { createPrivateKey } from "node:crypto";
import { isIPv6, SocketAddress } from "node:net";
import type { Connection } from "../../../core/exchange.ts";
import { canonicalName, describeCertificate } from "../../../runtime/tls-facts.ts";
import type { Door } from "../../door.ts";
import type { EngineHost } from "../../engine.ts";
import type { CertificateSettings } from "../../settings.ts";
import type { Sweeper } from "../../sweeper.ts";
import type { CertificateStore } from "../../tls/certificate-store.ts";
import { H3 } from "./codes.ts";
import { Http3Connection } from "./connection.ts";
import type { QuicEndpoint, QuicHandshake, QuicIdentity, QuicModule, QuicSession } from "./quic.ts";
import { Http3Error, loadQuic } from "./quic.ts";

export interface Http3Options {
  /** A literal address. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** What it is served with, now and after every replacement. */
  readonly certificates: CertificateStore;
  readonly door: Door;
  readonly sweeper: Sweeper;
}

/** An HTTP/3 port. */
export interface Http3Listener {
  readonly port: number;
  readonly connections: number;
  /** Sends GOAWAY and takes no new connection; resolves when what was open has ended. */
  drain(): Promise<void>;
  /** Breaks everything off. */
  close(): Promise<void>;
}

/**
 * Serves HTTP/3.
 * @throws (rejects with) {@link Http3Error}, whose `code` is `http3_unavailable` without `node:quic`,
 * `http3_client_auth` where the runtime cannot ask for client certificates as the settings want, or
 * EADDRINUSE, EACCES … when the port cannot be had
 */
export async function listenHttp3(host: EngineHost, options: Http3Options): Promise<Http3Listener> {
  const quic = await loadQuic();
  return new Listener(quic, host, options).open();
}

class Listener implements Http3Listener {
  port: number;
  readonly #quic: QuicModule;
  readonly #host: EngineHost;
  readonly #options: Http3Options;
  readonly #connections = new Set<Http3Connection>();
  #endpoint: QuicEndpoint | undefined;
  #release: () => void = () => {};

  constructor(quic: QuicModule, host: EngineHost, options: Http3Options) {
    this.#quic = quic;
    this.#host = host;
    this.#options = options;
    this.port = options.port;
  }

  get connections(): number {
    return this.#connections.size;
  }

  async open(): Promise<this> {
    const { certificates } = this.#options;
    await this.#bind();
    this.#release = certificates.onChange(() => this.#adopt());
    return this;
  }

  async #bind(): Promise<void> {
    const { certificates, host: address } = this.#options;
    const { limits } = this.#host;
    const { settings } = certificates;
    const endpoint = await this.#quic.listen((session) => this.#accept(session), {
      endpoint: {
        // A string such as "127.0.0.1:80" would be parsed with port 0.
        address: new SocketAddress({
          address,
          port: this.port,
          family: isIPv6(address) ? "ipv6" : "ipv4",
        }),
        maxConnectionsPerHost: 0,
        maxConnectionsTotal: 0,
      },
      alpn: ["h3"],
      sni: identities(certificates),
      ...(settings.clientCa === undefined ? {} : { ca: [Buffer.from(settings.clientCa)] }),
      verifyClient: settings.clientCa !== undefined,
      rejectUnauthorized: true,
      // What arrives as early data can be replayed (RFC 8470).
      enableEarlyData: false,
      handshakeTimeout: limits.headerTimeoutMs,
      application: {
        maxHeaderPairs: limits.headerCount * 2,
        maxHeaderLength: limits.headerBytes * 2,
        maxFieldSectionSize: limits.headerBytes,
      },
      transportParams: {
        initialMaxData: 1024 * 1024,
        initialMaxStreamDataBidiRemote: 256 * 1024,
        initialMaxStreamsBidi: limits.streams,
        maxIdleTimeout: Math.max(limits.keepAliveMs, limits.idleMs),
      },
    });
    const { address: bound } = endpoint;
    if (bound === undefined) throw await bindFailure(endpoint, address, this.port);
    endpoint.closed.catch(() => {});
    this.#endpoint = endpoint;
    this.port = bound.port;
  }

  #adopt(): void {
    this.#endpoint?.setSNIContexts(identities(this.#options.certificates), { replace: true });
  }

  #accept(session: QuicSession): void {
    const { door, sweeper } = this.#options;
    const remote = session.path?.remote;
    const address = remote?.address ?? "";
    session.onerror = () => {};
    if (!door.admit(address)) {
      this.#close(session, H3.EXCESSIVE_LOAD);
      return;
    }
    let entry: Http3Connection | undefined;
    let connection: Connection | undefined;
    session.onhandshake = (info) => {
      connection = this.#describe(session, info);
      if (connection === undefined) return;
      entry = new Http3Connection(this.#quic, session, connection, this.#host);
      this.#connections.add(entry);
      sweeper.add(entry);
    };
    session.onstream = (stream) => {
      if (entry === undefined) stream.destroy(undefined, { code: H3.REQUEST_REJECTED });
      else entry.accept(stream);
    };
    const ended = (error: unknown): void => {
      door.leave(address);
      if (entry === undefined || connection === undefined) return;
      this.#connections.delete(entry);
      sweeper.delete(entry);
      entry.ended(error ?? new Error("the client closed the connection"));
      door.exit(connection);
    };
    session.closed.then(() => ended(undefined), ended);
  }

  #close(session: QuicSession, code: number): void {
    session.destroy(undefined, { code, type: "application" });
  }

  /** @returns undefined when the client's certificate does not do; the session is closed then */
  #describe(session: QuicSession, info: QuicHandshake): Connection | undefined {
    const { certificates, door } = this.#options;
    const remote = session.path?.remote;
    const wanted = certificates.settings.clientCa !== undefined;
    const verified = wanted && info.validationErrorReason === undefined;
    const peer = verified ? session.peerCertificate : undefined;
    const clientCertificate = peer === undefined ? undefined : describeCertificate(peer);
    if (wanted && clientCertificate === undefined) {
      const refusal = { code: "tls_client_certificate", status: 0 };
      this.#host.observer.refused?.({ ...refusal, remoteAddress: remote?.address ?? "" });
      this.#close(session, H3.REQUEST_REJECTED);
      return undefined;
    }
    const tls = certificates.describe({
      version: info.cipherVersion,
      cipher: info.cipher,
      serverName: info.servername === "" ? undefined : canonicalName(info.servername),
      alpn: info.protocol,
      clientCertificate,
      servedFingerprint: session.certificate?.fingerprint256 ?? "",
    });
    const local = session.path?.local;
    const socket = {
      remoteAddress: remote?.address ?? "",
      remotePort: remote?.port ?? 0,
      localAddress: local?.address ?? "",
      localPort: local?.port ?? this.port,
    };
    return door.enter(socket, tls);
  }

  async drain(): Promise<void> {
    this.#release();
    const closed = this.#endpoint?.close();
    for (const connection of this.#connections) connection.leave();
    await closed?.catch(() => {});
  }

  async close(): Promise<void> {
    this.#release();
    for (const connection of this.#connections) connection.destroy(H3.NO_ERROR, "");
    await this.#endpoint?.destroy().catch(() => {});
  }
}

function identities(store: CertificateStore): Record<string, QuicIdentity> {
  const table: Record<string, QuicIdentity> = {};
  const [first] = store.settings.certificates;
  for (const [name, certificate] of store.byName()) table[name] = identity(certificate);
  table["*"] = identity(first as CertificateSettings);
  return table;
}

function identity(certificate: CertificateSettings): QuicIdentity {
  return {
    keys: [createPrivateKey(certificate.key)],
    certs: [Buffer.from(certificate.certificate)],
  };
}

/** A bind that failed does not throw: the endpoint closes with the reason. */
async function bindFailure(
  endpoint: QuicEndpoint,
  host: string,
  port: number,
): Promise<Http3Error> {
  const cause: unknown = await endpoint.closed.then(
    () => undefined,
    (error: unknown) => error,
  );
  return new Http3Error(
    "EADDRINUSE",
    `UDP ${host}:${port} cannot be bound: another program has it, or it may not be used. Choose another port, or set \`http3 = false\`.`,
    { cause },
  );
}
