import { lookup } from "node:dns/promises";
import type { Application } from "../core/exchange.ts";
import { Door } from "./door.ts";
import type { Engine, EngineHost } from "./engine.ts";
import { Http1Engine } from "./engines/http1/engine.ts";
import { Http2Engine } from "./engines/http2/engine.ts";
import { listenHttp3 } from "./engines/http3/listen.ts";
import { Http3Error } from "./engines/http3/quic.ts";
import { listenPlain } from "./plain-listener.ts";
import { listenSecure } from "./secure-listener.ts";
import { ProxyHeaders } from "./proxy-header.ts";
import type { ServeOptions, ServerSettings } from "./settings.ts";
import { resolveSettings } from "./settings.ts";
import { Sweeper, sweepInterval } from "./sweeper.ts";
import { CertificateStore, covers } from "./tls/certificate-store.ts";
import { hstsValue } from "./tls/hsts.ts";
import { HttpsRedirect } from "./tls/redirect.ts";

/** Where a server can be reached. */
export interface ServerAddress {
  readonly url: string;
  /** `h1`, `h2`, `h3` as far as the address speaks them. */
  readonly protocols: readonly string[];
}

/** A running server. */
export interface Server {
  readonly addresses: readonly ServerAddress[];
  /** The bound port of the main listener. */
  readonly port: number;
  /** What was asked for and cannot be served here, for people. */
  readonly warnings: readonly string[];
  readonly draining: boolean;
  /** Open connections of every kind. */
  readonly connections: number;
  /**
   * Replaces the App and whatever of the settings needs no new port: limits, paths, certificates, hooks.
   * Open connections go on and see the new values with their next request. The caller starts the new App and
   * stops the old one.
   * @throws CertificateError when the new certificates cannot be served; nothing has changed then
   */
  swap(app: Application, options?: ServeOptions): void;
  /** Stops accepting and lets open requests finish, for at most `drainMs`; then what is left is broken off. */
  drain(): Promise<void>;
  /** Breaks everything off, and stops the App. */
  close(): Promise<void>;
}

/**
 * Serves an App. A server is a value: any number of them run in one process.
 * @throws an error with `code` EADDRINUSE, EACCES … when a port cannot be had, CertificateError
 * @example
 * const server = await serve(new App().get("/", () => "Hello"), { port: 0 });
 */
export async function serve(app: Application, options: ServeOptions = {}): Promise<Server> {
  const settings = resolveSettings(options);
  for (let attempt = 1; ; attempt++) {
    await app.start?.();
    const running = new RunningServer(app, settings);
    try {
      await running.listen();
      return running;
    } catch (error) {
      await running.close();
      // The port that the system chose for TCP may be another program's for UDP: let it choose again.
      const chosen = settings.port === 0 && settings.fd === undefined && attempt < ATTEMPTS;
      if (!chosen || (error as { code?: unknown }).code !== "EADDRINUSE") throw error;
    }
  }
}

/** How often a pair of free ports is looked for. */
const ATTEMPTS = 5;

/** After the stop of accepting, how long requests that had arrived by then may take to be read. */
const LAST_READ_MS = 100;

/** Why a runtime cannot serve HTTP/3 at all; other errors are the operator's to mend. */
const CANNOT = new Set(["http3_unavailable", "http3_client_auth", "http3_udp_errors"]);

class RunningServer implements Server {
  readonly #settings: ServerSettings;
  readonly #host: EngineHost;
  readonly #door: Door;
  readonly #sweeper: Sweeper;
  readonly #engines: Engine[] = [];
  readonly #listeners: { stop(): void }[] = [];
  readonly #addresses: ServerAddress[] = [];
  readonly #warnings: string[] = [];
  readonly #store: CertificateStore | undefined;
  readonly #proxyHeaders: ProxyHeaders | undefined;
  #port = 0;
  #closed = false;

  constructor(app: Application, settings: ServerSettings) {
    const { limits, tls } = settings;
    this.#settings = settings;
    this.#store = tls && new CertificateStore(tls);
    this.#proxyHeaders = settings.proxyProtocol && new ProxyHeaders(settings.proxyProtocol);
    this.#host = {
      app,
      limits,
      paths: settings.paths,
      observer: settings.observer,
      report: (error, exchange, id) => this.#host.observer.failed?.(error, exchange, id),
      draining: false,
      altSvc: undefined,
      hsts: tls && hstsValue(tls),
      covers,
    };
    this.#door = new Door(this.#host);
    const { headerTimeoutMs, keepAliveMs, idleMs, requestMs, bodyRateGraceMs } = limits;
    this.#sweeper = new Sweeper(
      sweepInterval([headerTimeoutMs, keepAliveMs, idleMs, requestMs, bodyRateGraceMs]),
    );
  }

  get addresses(): readonly ServerAddress[] {
    return this.#addresses;
  }
  get port(): number {
    return this.#port;
  }
  get warnings(): readonly string[] {
    return this.#warnings;
  }
  get draining(): boolean {
    return this.#host.draining;
  }
  get connections(): number {
    return this.#door.open;
  }

  async listen(): Promise<void> {
    const settings = this.#settings;
    const http1 = this.#engine(new Http1Engine(this.#host, this.#sweeper));
    const http2 = settings.http2
      ? this.#engine(new Http2Engine(this.#host, this.#sweeper))
      : undefined;
    const headers = this.#proxyHeaders;
    const protocols = http2 === undefined ? ["h1"] : ["h1", "h2"];
    if (this.#store === undefined) {
      const listener = listenPlain(settings, this.#door, http1, http2, headers);
      this.#listeners.push(listener);
      this.#port = listener.port;
      this.#addresses.push({ url: url("http", settings.host, listener.port), protocols });
      return;
    }
    const store = this.#store;
    const listener = await listenSecure(
      settings,
      store,
      this.#host,
      this.#door,
      http1,
      http2,
      headers,
    );
    this.#listeners.push(listener);
    this.#port = listener.port;
    if (settings.http3Elsewhere) this.#advertiseHttp3();
    if (settings.http3 && (await this.#listenHttp3(store))) protocols.push("h3");
    this.#addresses.push({ url: url("https", settings.host, listener.port), protocols });
    if (settings.redirect !== undefined) this.#listenRedirect(settings.redirect);
  }

  /** @returns whether HTTP/3 is served; where the runtime cannot, the rest is served and a warning says why */
  async #listenHttp3(store: CertificateStore): Promise<boolean> {
    const { address } = await lookup(this.#settings.host);
    const options = {
      host: address,
      port: this.#port,
      certificates: store,
      door: this.#door,
      sweeper: this.#sweeper,
    };
    try {
      const listener = await listenHttp3(this.#host, options);
      this.#engine({
        drain: () => void listener.drain(),
        close: () => void listener.close(),
      });
    } catch (error) {
      if (!(error instanceof Http3Error) || !CANNOT.has(error.code)) throw error;
      this.#warnings.push(error.message);
      return false;
    }
    this.#advertiseHttp3();
    return true;
  }

  /** RFC 9114 3.1.1. */
  #advertiseHttp3(): void {
    this.#host.altSvc = `h3=":${this.#port}"; ma=86400`;
  }

  #listenRedirect(redirect: NonNullable<ServerSettings["redirect"]>): void {
    const { challenges } = this.#settings;
    const app = new HttpsRedirect({
      status: redirect.status,
      tlsPort: () => this.#port,
      challenges,
    });
    // Limits and draining are those of the main listener, the App is not.
    const host = Object.create(this.#host, { app: { value: app } }) as EngineHost;
    const http1 = this.#engine(new Http1Engine(host, this.#sweeper));
    const address = { host: this.#settings.host, port: redirect.port, fd: redirect.fd };
    const listener = listenPlain(address, this.#door, http1, undefined, this.#proxyHeaders);
    this.#listeners.push(listener);
    this.#addresses.push({ url: url("http", address.host, listener.port), protocols: ["h1"] });
  }

  #engine<E extends Engine>(engine: E): E {
    this.#engines.push(engine);
    return engine;
  }

  swap(app: Application, options: ServeOptions = {}): void {
    const next = resolveSettings(options);
    if (next.tls !== undefined) this.#store?.replace(next.tls);
    this.#host.app = app;
    this.#host.limits = next.limits;
    this.#host.paths = next.paths;
    this.#host.observer = next.observer;
    this.#host.hsts = next.tls && hstsValue(next.tls);
  }

  async drain(): Promise<void> {
    if (this.#host.draining) return;
    this.#host.draining = true;
    for (const listener of this.#listeners) listener.stop();
    // What has reached an accepted connection is answered: read once more before idle ones close.
    await Bun.sleep(LAST_READ_MS);
    for (const engine of this.#engines) engine.drain();
    const deadline = performance.now() + this.#settings.drainMs;
    while (this.#door.open > 0 && performance.now() < deadline) await Bun.sleep(10);
    await this.close();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#host.draining = true;
    for (const listener of this.#listeners) listener.stop();
    for (const engine of this.#engines) engine.close();
    this.#sweeper.stop();
    await this.#host.app.stop?.();
  }
}

function url(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
