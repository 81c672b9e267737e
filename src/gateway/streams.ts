import type { Config } from "../config/schema/config.ts";
import { parseListen } from "../config/schema/listen.ts";
import { IpNetworks } from "../http/ip-networks.ts";
import type { Layer4Strategy } from "../proxy/layer4/backend-group.ts";
import { BackendGroup, Layer4Backend, parseLayer4Address } from "../proxy/layer4/backend-group.ts";
import { ServerNames } from "../proxy/tcp/server-names.ts";
import type { TcpFault, TcpProxySettings } from "../proxy/tcp/settings.ts";
import { TcpProxy } from "../proxy/tcp/tcp-proxy.ts";
import type { UdpFault, UdpProxySettings } from "../proxy/udp/settings.ts";
import { UdpProxy } from "../proxy/udp/udp-proxy.ts";
import { checksOf, tcpCheck, udpCheck } from "./stream-check-options.ts";
import type { PlannedCheck } from "./stream-checks.ts";
import { StreamChecks } from "./stream-checks.ts";
import type { PlannedStream, RunningStream } from "../server/lifecycle/plan.ts";
import type { TlsSettings } from "../server/settings.ts";
import { defaultTls } from "../server/settings.ts";
import { CertificateStore } from "../server/tls/certificate-store.ts";
import { readPem } from "./settings.ts";
import type { RunningProxy } from "./stream-metrics.ts";

type TcpConfig = Config["tcp_proxy"][number];
type UdpConfig = Config["udp_proxy"][number];
type BackendConfigs = UdpConfig["backends"];

/** Told of what happens to TCP and UDP proxies. */
export interface StreamObserver {
  /** A connection or session went wrong. */
  fault(proxy: string, fault: TcpFault | UdpFault): void;
  /** Checks have found a backend ill, or well again. */
  health(proxy: string, backend: Layer4Backend): void;
}

/** The TCP and UDP proxies of a process, through all reloads: what is known of a backend outlives them. */
export class Streams {
  readonly #backends = new Map<string, Layer4Backend>();
  /** Those that listen, and those that end. */
  readonly running = new Set<RunningProxy>();
  readonly #checks = new StreamChecks();

  /** What the configuration wants. Reads certificates. */
  plan(config: Config, observer: StreamObserver): PlannedStream[] {
    const drainMs = config.server.drain_ms;
    return [
      ...config.tcp_proxy.map((proxy) => this.#planTcp(proxy, drainMs, observer)),
      ...config.udp_proxy.map((proxy) => this.#planUdp(proxy, drainMs, observer)),
    ];
  }

  #planTcp(config: TcpConfig, drainMs: number, observer: StreamObserver): PlannedStream {
    const { listen, tls, backends } = config;
    const { host, port } = parseListen(listen);
    const all = new Set<Layer4Backend>();
    const group = (list: BackendConfigs): BackendGroup => {
      const made = this.#group(listen, list, config);
      for (const backend of made.backends) all.add(backend);
      return made;
    };
    const serverNames = new ServerNames<BackendGroup>();
    for (const { names, backends: own } of config.sni) {
      const one = group(own);
      for (const name of names) serverNames.add(name, one);
    }
    const settings: TcpProxySettings = {
      backends: backends.length > 0 ? group(backends) : undefined,
      serverNames: config.sni.length > 0 ? serverNames : undefined,
      connectTimeoutMs: config.connect_timeout_ms,
      firstBytesMs: config.first_bytes_ms,
      idleMs: config.idle_secs * 1000,
      maxConnections: config.max_connections,
      trustedProxies: config.accept_proxy_protocol
        ? new IpNetworks(config.trusted_proxies)
        : undefined,
      proxyProtocol: config.proxy_protocol === undefined ? undefined : versionOf(config),
    };
    const certificates = tls && tlsSettings(tls);
    const proxied = certificates !== undefined && config.accept_proxy_protocol;
    const name = config.name ?? listen;
    const facts = (proxy: TcpProxy): RunningProxy => ({ name, proxy, backends: [...all] });
    const fault = (one: TcpFault): void => observer.fault(name, one);
    const checks = checksOf(
      config.health_check && tcpCheck(config.health_check, settings.proxyProtocol),
      [...all],
      (backend) => observer.health(name, backend),
    );
    const run = (proxy: TcpProxy): Running => new Running(this, facts(proxy), checks);
    return {
      transport: "tcp",
      host,
      port,
      key: certificates === undefined ? "plain" : proxied ? "proxied tls" : "tls",
      check: () => void (certificates && new CertificateStore(certificates)),
      async open(bound) {
        const store = certificates && new CertificateStore(certificates);
        const proxy = new TcpProxy(settings, { fault });
        const address = { host, port: bound?.port ?? port, fd: bound?.fd };
        await proxy.listen({ ...address, tls: store, proxied });
        const at = url("tcp", host, proxy.port);
        return new TcpStream(proxy, store, at, drainMs, run(proxy));
      },
      adopt(running) {
        const { proxy, store, shown } = running as TcpStream;
        shown.replace(facts(proxy), checks);
        if (certificates !== undefined) store?.replace(certificates);
        proxy.swap(settings, { fault });
      },
    };
  }

  #planUdp(config: UdpConfig, drainMs: number, observer: StreamObserver): PlannedStream {
    const { host, port } = parseListen(config.listen);
    const settings: UdpProxySettings = {
      backends: this.#group(config.listen, config.backends, config),
      idleMs: config.idle_secs * 1000,
      maxSessions: config.max_sessions,
    };
    const name = config.name ?? config.listen;
    const all = settings.backends.backends;
    const facts = (proxy: UdpProxy): RunningProxy => ({ name, proxy, backends: all });
    const fault = (one: UdpFault): void => observer.fault(name, one);
    const checks = checksOf(config.health_check && udpCheck(config.health_check), all, (backend) =>
      observer.health(name, backend),
    );
    const run = (proxy: UdpProxy): Running => new Running(this, facts(proxy), checks);
    return {
      transport: "udp",
      host,
      port,
      key: "plain",
      check() {},
      async open() {
        const proxy = new UdpProxy(settings, { fault });
        await proxy.listen({ host, port });
        const at = url("udp", host, proxy.port);
        return new UdpStream(proxy, at, drainMs, run(proxy));
      },
      adopt(running) {
        const { proxy, shown } = running as UdpStream;
        shown.replace(facts(proxy), checks);
        proxy.swap(settings, { fault });
      },
    };
  }

  begin(proxy: RunningProxy, checks: readonly PlannedCheck[]): void {
    this.running.add(proxy);
    for (const check of checks) this.#checks.begin(check);
  }

  end(proxy: RunningProxy, checks: readonly PlannedCheck[]): void {
    this.running.delete(proxy);
    for (const check of checks) this.#checks.end(check);
  }

  /** A backend that stays keeps what is known of it. */
  #group(
    listen: string,
    list: BackendConfigs,
    { strategy, fail_secs }: { strategy: Layer4Strategy; fail_secs: number },
  ): BackendGroup {
    const backends = list.map((entry) => {
      const { address, weight } = typeof entry === "string" ? { address: entry, weight: 1 } : entry;
      const key = `${listen} ${address} ${weight}`;
      let backend = this.#backends.get(key);
      if (backend === undefined) {
        backend = new Layer4Backend(parseLayer4Address(address), weight);
        this.#backends.set(key, backend);
      }
      return backend;
    });
    return new BackendGroup(backends, { strategy, downMs: fail_secs * 1000 });
  }
}

/** A proxy for as long as it runs: it is shown, and its backends are checked. */
class Running {
  readonly #home: Streams;
  #shown: RunningProxy;
  #checks: readonly PlannedCheck[];

  constructor(home: Streams, shown: RunningProxy, checks: readonly PlannedCheck[]) {
    this.#home = home;
    this.#shown = shown;
    this.#checks = checks;
    home.begin(shown, checks);
  }

  replace(next: RunningProxy, checks: readonly PlannedCheck[]): void {
    const [shown, before] = [this.#shown, this.#checks];
    this.#shown = next;
    this.#checks = checks;
    this.#home.begin(next, checks);
    this.#home.end(shown, before);
  }

  end(): void {
    this.#home.end(this.#shown, this.#checks);
    this.#checks = [];
  }
}

class TcpStream implements RunningStream {
  readonly proxy: TcpProxy;
  readonly store: CertificateStore | undefined;
  readonly url: string;
  readonly shown: Running;
  readonly #drainMs: number;

  constructor(
    proxy: TcpProxy,
    store: CertificateStore | undefined,
    at: string,
    drainMs: number,
    shown: Running,
  ) {
    this.proxy = proxy;
    this.store = store;
    this.url = at;
    this.#drainMs = drainMs;
    this.shown = shown;
  }

  async drain(): Promise<void> {
    await this.proxy.drain(this.#drainMs);
    this.shown.end();
  }
  close(): void {
    this.proxy.close();
    this.shown.end();
  }
}

class UdpStream implements RunningStream {
  readonly proxy: UdpProxy;
  readonly url: string;
  readonly shown: Running;
  readonly #drainMs: number;

  constructor(proxy: UdpProxy, at: string, drainMs: number, shown: Running) {
    this.proxy = proxy;
    this.url = at;
    this.#drainMs = drainMs;
    this.shown = shown;
  }

  async drain(): Promise<void> {
    await this.proxy.drain(this.#drainMs);
    this.shown.end();
  }
  close(): void {
    this.proxy.close();
    this.shown.end();
  }
}

function versionOf({ proxy_protocol }: TcpConfig): 1 | 2 {
  return proxy_protocol === "v1" ? 1 : 2;
}

function tlsSettings(tls: NonNullable<TcpConfig["tls"]>): TlsSettings {
  const pair = { certificate: readPem(tls.cert), key: readPem(tls.key), origin: "tcp_proxy.tls" };
  return { ...defaultTls, certificates: [pair], minVersion: `TLSv${tls.min_version}` };
}

function url(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
