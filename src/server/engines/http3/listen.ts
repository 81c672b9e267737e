import { createPrivateKey } from "node:crypto";
import { isIPv6, SocketAddress } from "node:net";
import type { TlsInfo } from "../../../core/exchange.ts";
import { canonicalName, describeCertificate } from "../../../runtime/tls-facts.ts";
import { ignoreUdpErrors } from "../../../runtime/udp-errors.ts";
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

const NO_LIMIT = 2 ** 31;
/** Handshakes under way at a time. */
const MAX_SHAKING = 1_000;

class Listener implements Http3Listener {
  port: number;
  readonly #quic: QuicModule;
  readonly #host: EngineHost;
  readonly #options: Http3Options;
  readonly #connections = new Set<Http3Connection>();
  /** Sessions whose handshake is under way. */
  readonly #shaking = new Set<QuicSession>();
  #endpoint: QuicEndpoint | undefined;
  #release: () => void = () => {};
  #verifies = false;
  #reopening = false;
  #closed = false;

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
    const verifies = settings.clientCa !== undefined;
    this.#verifies = verifies;
    if (verifies && settings.clientAuth === "optional") throw optionalClients();
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
      verifyClient: verifies,
      rejectUnauthorized: true,
      // What arrives as early data can be replayed (RFC 8470).
      enableEarlyData: false,
      handshakeTimeout: limits.headerTimeoutMs,
      application: {
        // Beyond these the transport drops fields and says nothing, so the limits that answer 431 are ours.
        maxHeaderPairs: NO_LIMIT,
        maxHeaderLength: NO_LIMIT,
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
    if (await ignoreUdpErrors(bound.port)) return;
    await endpoint.destroy().catch(() => {});
    throw new Http3Error(
      "http3_udp_errors",
      "HTTP/3 is not served: the UDP socket of this runtime cannot be kept from stalling when a client vanishes. Set `http3 = false`.",
    );
  }

  /**
   * Certificates are exchanged in place, but the transport forgets to ask for a client's when they are: every
   * handshake would fail. Then the port is opened anew as soon as what is open has ended. Until then new
   * clients are answered by TCP, which is what clients of HTTP/3 fall back to.
   */
  #adopt(): void {
    const { certificates } = this.#options;
    const before = this.#verifies;
    this.#verifies = certificates.settings.clientCa !== undefined;
    const endpoint = this.#endpoint;
    if (!before && !this.#verifies && endpoint?.destroyed === false) {
      endpoint.setSNIContexts(identities(certificates), { replace: true });
    } else if (!this.#reopening) void this.#reopen();
  }

  async #reopen(): Promise<void> {
    const { certificates } = this.#options;
    this.#reopening = true;
    try {
      for (let opened; opened !== certificates.settings && !this.#closed;) {
        await this.#leave();
        opened = certificates.settings;
        if (!this.#closed) await this.#bind();
      }
      if (this.#closed) await this.#endpoint?.destroy();
    } catch (error) {
      this.#host.observer.failed?.(error, undefined);
    }
    this.#reopening = false;
  }

  async #leave(): Promise<void> {
    const closed = this.#endpoint?.close();
    for (const connection of this.#connections) connection.leave();
    await closed?.catch(() => {});
  }

  /** The address of a session is known once its handshake is done, and asking earlier hides it for good. */
  #accept(session: QuicSession): void {
    session.onerror = () => {};
    const refused = this.#host.draining || this.#shaking.size >= MAX_SHAKING;
    if (refused) {
      session.destroy();
      return;
    }
    this.#shaking.add(session);
    let entry: Http3Connection | undefined;
    session.onhandshake = (info) => {
      this.#shaking.delete(session);
      entry = this.#enter(session, info);
    };
    session.onstream = (stream) => {
      if (entry === undefined) stream.destroy(undefined, { code: H3.REQUEST_REJECTED });
      else entry.accept(stream);
    };
    const ended = (error: unknown): void => {
      this.#shaking.delete(session);
      if (entry !== undefined) this.#exit(entry, error);
    };
    session.closed.then(() => ended(undefined), ended);
  }

  /** @returns undefined when the client is turned away; its session is closed then */
  #enter(session: QuicSession, info: QuicHandshake): Http3Connection | undefined {
    const { door, sweeper } = this.#options;
    const remoteAddress = session.path?.remote.address ?? "";
    const tls = this.#describe(session, info);
    if (tls === undefined) {
      const refusal = { code: "tls_client_certificate", status: 0, remoteAddress };
      this.#host.observer.refused?.(refusal);
      session.destroy(undefined, { code: H3.REQUEST_REJECTED, type: "application" });
      return undefined;
    }
    if (!door.admit(remoteAddress)) {
      session.destroy(undefined, { code: H3.EXCESSIVE_LOAD, type: "application" });
      return undefined;
    }
    const local = session.path?.local;
    const socket = {
      remoteAddress,
      remotePort: session.path?.remote.port ?? 0,
      localAddress: local?.address ?? this.#options.host,
      localPort: this.port,
    };
    const entry = new Http3Connection(session, door.enter(socket, tls), this.#host);
    this.#connections.add(entry);
    sweeper.add(entry);
    return entry;
  }

  #exit(entry: Http3Connection, error: unknown): void {
    const { door, sweeper } = this.#options;
    this.#connections.delete(entry);
    sweeper.delete(entry);
    entry.ended(error ?? new Error("the client closed the connection"));
    door.exit(entry.connection);
    door.leave(entry.connection.remoteAddress);
  }

  /** @returns undefined when the client's certificate does not do */
  #describe(session: QuicSession, info: QuicHandshake): TlsInfo | undefined {
    const { certificates } = this.#options;
    const wanted = certificates.settings.clientCa !== undefined;
    const verified = wanted && info.validationErrorReason === undefined;
    const peer = verified ? session.peerCertificate : undefined;
    const clientCertificate = peer === undefined ? undefined : describeCertificate(peer);
    if (wanted && clientCertificate === undefined) return undefined;
    return certificates.describe({
      version: info.cipherVersion,
      cipher: info.cipher,
      serverName: info.servername ? canonicalName(info.servername) : undefined,
      alpn: info.protocol,
      clientCertificate,
      servedFingerprint: session.certificate?.fingerprint256 ?? "",
    });
  }

  async drain(): Promise<void> {
    this.#closed = true;
    this.#release();
    await this.#leave();
  }

  async close(): Promise<void> {
    this.#closed = true;
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

function optionalClients(): Http3Error {
  return new Http3Error(
    "http3_client_auth",
    'HTTP/3 cannot ask for a client certificate and do without: set `client_auth = "required"`, or `http3 = false`.',
  );
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
