import type { Application } from "../../src/core/exchange.ts";
import { Door } from "../../src/server/door.ts";
import type { EngineHost, Observer } from "../../src/server/engine.ts";
import type { Http3Listener } from "../../src/server/engines/http3/listen.ts";
import { listenHttp3 } from "../../src/server/engines/http3/listen.ts";
import type { Limits } from "../../src/server/limits.ts";
import type { ServeOptions } from "../../src/server/settings.ts";
import { resolveSettings } from "../../src/server/settings.ts";
import { Sweeper } from "../../src/server/sweeper.ts";
import { CertificateStore, covers } from "../../src/server/tls/certificate-store.ts";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";

/** An HTTP/3 listener by itself. */
export interface Http3Fixture extends AsyncDisposable {
  readonly listener: Http3Listener;
  readonly host: EngineHost;
  readonly door: Door;
  readonly certificates: CertificateStore;
  readonly origin: string;
  /** What the observer was told, in order. */
  readonly events: string[];
}

export async function listen(
  app: Application,
  limits: Partial<Limits> = {},
  tls: Partial<NonNullable<ServeOptions["tls"]>> = {},
  port = 0,
): Promise<Http3Fixture> {
  const certificates = tls.certificates ?? [
    createDevelopmentCertificate({ names: ["localhost", "127.0.0.1"] }),
  ];
  const events: string[] = [];
  const observer: Observer = {
    opened: (connection) => events.push(`opened ${connection.remoteAddress}`),
    closed: (connection) => events.push(`closed ${connection.remoteAddress}`),
    finished: (exchange, outcome) => {
      const end = outcome.error === undefined ? "whole" : "broken";
      events.push(`finished ${exchange.path} ${outcome.status} ${outcome.bytes} ${end}`);
    },
    refused: (refusal) => events.push(`refused ${refusal.code} ${refusal.status}`),
    failed: (error) => events.push(`failed ${String(error)}`),
  };
  const settings = resolveSettings({ limits, observer, tls: { ...tls, certificates } });
  const host: EngineHost = {
    report: () => {},
    app,
    limits: settings.limits,
    paths: settings.paths,
    observer,
    draining: false,
    altSvc: undefined,
    hsts: undefined,
    covers,
  };
  const store = new CertificateStore(settings.tls as NonNullable<typeof settings.tls>);
  const door = new Door(host);
  const sweeper = new Sweeper(20);
  const options = { host: "127.0.0.1", port, certificates: store, door, sweeper };
  const listener = await listenHttp3(host, options);
  return {
    listener,
    host,
    door,
    certificates: store,
    origin: `https://127.0.0.1:${listener.port}`,
    events,
    async [Symbol.asyncDispose]() {
      await listener.close();
      sweeper.stop();
    },
  };
}

/** Bun's own HTTP/3 client. */
export function fetch3(url: string, init: RequestInit = {}): Promise<Response> {
  const options = { protocol: "http3", tls: { rejectUnauthorized: false }, ...init };
  return fetch(url, options as RequestInit);
}

/** Waits until something is so, for what another party does in its own time. */
export async function until(condition: () => boolean, what: string, ms = 8_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await Bun.sleep(5);
  }
}
