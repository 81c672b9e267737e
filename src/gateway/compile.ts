import type { Config, RouteConfig } from "../config/schema/config.ts";
import { App } from "../core/app.ts";
import { DerivedExchange } from "../core/derived-exchange.ts";
import type { Application } from "../core/exchange.ts";
import type { Context } from "../core/context.ts";
import type { Handler } from "../core/handler.ts";
import type { Reply } from "../core/reply.ts";
import { trustedProxy } from "../middleware/trusted-proxy/trusted-proxy.ts";
import type { TrustedProxyOptions } from "../middleware/trusted-proxy/forwarded-reader.ts";
import { forwardedReader } from "../middleware/trusted-proxy/forwarded-reader.ts";
import type { ServeOptions } from "../server/settings.ts";
import type { Store } from "../store/store.ts";
import type { LoadedApp } from "./actions/app.ts";
import { appAction, loadApps } from "./actions/app.ts";
import { mirrorAction } from "./actions/mirror.ts";
import type { ForwardingAction, UpstreamHosts } from "./actions/proxy.ts";
import { proxyAction } from "./actions/proxy.ts";
import { redirect } from "./actions/redirect.ts";
import { respond } from "./actions/respond.ts";
import { splitAction } from "./actions/split.ts";
import { staticFilesAction } from "./actions/static.ts";
import { wasmAction } from "./actions/wasm.ts";
import type { ClientOf } from "./matchers/conditions.ts";
import { allHold, conditionsOf } from "./matchers/conditions.ts";
import { captureOfBoth, hostPlace, pathPlace } from "./matchers/place.ts";
import { middlewareOf } from "./middleware/chain.ts";
import { requireClientCertificate } from "./require-client-certificate.ts";
import type { TrafficSet } from "./traffic/traffic.ts";
import { Traffic } from "./traffic/traffic.ts";
import type { UpstreamSet } from "./upstreams.ts";
import { Upstreams } from "./upstreams.ts";
import { serverSettings } from "./settings.ts";
import type { GuestSet } from "./wasm/guests.ts";
import { Guests } from "./wasm/guests.ts";

/** Of those that pass a request on. */
type ReplyHandler = Handler<Context, Reply>;

/** What a configuration comes to: what `serve` takes. */
export interface Compiled {
  readonly app: Application;
  readonly settings: ServeOptions;
}

/**
 * Compiles a checked configuration into an App, the very one that code would build, and server settings.
 * Modules that it names are loaded.
 * @param store what all processes agree on; without it each counts for itself
 * @throws when a file that the check has seen is gone by now; AppModuleError
 */
export async function compile(
  config: Config,
  shared: Upstreams = new Upstreams(),
  store?: Store,
  traffic: Traffic = new Traffic(),
  sandboxes: Guests = new Guests(),
): Promise<Compiled> {
  const settings = serverSettings(config);
  const apps = await loadApps(config.route.map(({ action }) => action));
  const [only] = apps.values();
  const trust = trustOf(config);
  // Equals stay in the order of the file.
  const inOrder = config.route.toSorted((a, b) => b.priority - a.priority);
  // Nothing stands around it: the App itself answers.
  if (only !== undefined && trust === undefined && isWholeServer(inOrder, config)) {
    return { app: only, settings };
  }
  const app = new App();
  if (trust !== undefined) app.use(trustedProxy(trust));
  const upstreams = shared.of(config.upstream);
  const shares = await traffic.of(config, store);
  const places = new Map(config.route.map((route, index) => [route, index + 1]));
  const hosts = new Map(config.upstream.map(({ name, host }) => [name, host]));
  const guests = await sandboxes.of(config);
  const parts: Parts = {
    apps,
    upstreams,
    shares,
    guests,
    places,
    hosts,
    config,
    store,
    clientOf: clientOf(trust),
  };
  for (const [rank, route] of inOrder.entries()) addRoute(app, route, rank, parts);
  const inner = [...new Set<Living>(apps.values()), upstreams, guests, shares];
  const seen = trust === undefined ? app : asProxiesTell(app, trust);
  if (apps.size === 0 && upstreams.size === 0 && guests.size === 0) return { app: seen, settings };
  return { app: withLifeOf(seen, inner), settings };
}

/**
 * Routes see the host and the scheme that a trusted proxy tells of, as they see its client: what backends and who
 * lets in are told must not be another host than the one whose route it is.
 */
function asProxiesTell(app: Application, trust: TrustedProxyOptions): Application {
  const read = forwardedReader(trust);
  return {
    handle(exchange, report) {
      const told = read(exchange);
      if (told === undefined) return app.handle(exchange, report);
      const { scheme, authority } = told;
      const isSame = scheme === exchange.scheme && authority === exchange.authority;
      const seen = isSame ? exchange : new DerivedExchange(exchange, { scheme, authority });
      return app.handle(seen, report);
    },
    start: async () => app.start?.(),
    stop: async () => app.stop?.(),
  };
}

/** Whether the first route answers everything. */
function isWholeServer([route]: readonly RouteConfig[], { middleware }: Config): boolean {
  if (route?.action.type !== "app" || route.require_client_cert) return false;
  if ([middleware, route.middleware].some((table) => Object.values(table).some(Boolean)))
    return false;
  const { path, ...rest } = route.match;
  return path === "/*" && Object.values(rest).every((matcher) => matcher === undefined);
}

/** Apps and upstreams inside start and stop with the App around them. */
function withLifeOf(app: Application, inner: readonly Living[]): Application {
  return {
    handle: (exchange, report) => app.handle(exchange, report),
    async start() {
      for (const one of inner) await one.start?.();
    },
    async stop() {
      await Promise.all(inner.map((one) => one.stop?.()));
    },
  };
}

/** The rank is the order: the first route that matches answers. */
function addRoute(app: App, route: RouteConfig, rank: number, parts: Parts): void {
  const { match, name } = route;
  const place = parts.places.get(route) as number;
  const handler = handlerOf(route.action, parts);
  const use = middlewareOf(route, place, parts.config, parts);
  if (route.require_client_cert) use.unshift(requireClientCertificate);
  const conditions = conditionsOf(match, parts.clientOf);
  const paths = list(match.path).map(pathPlace);
  const hosts = match.host === undefined ? [undefined] : list(match.host);
  for (const host of hosts.map(hostPlace)) {
    for (const path of paths) {
      const capture = captureOfBoth(host.capture, path.capture);
      const asked = [host.matcher, path.matcher, ...conditions].filter((one) => one !== undefined);
      app.add({
        path: path.key,
        literal: true,
        rank,
        handler,
        use,
        ...(host.key !== undefined && { host: host.key }),
        ...(match.method !== undefined && { methods: list(match.method) }),
        ...(asked.length > 0 && { when: (exchange) => allHold(asked, exchange) }),
        ...(capture !== undefined && { capture }),
        ...(name !== undefined && { name }),
        place: `route[${place}]`,
      });
    }
  }
}

/** What begins and ends with the configuration. */
interface Living {
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
}

/** What actions are made of. */
interface Parts {
  readonly apps: Awaited<ReturnType<typeof loadApps>>;
  readonly upstreams: UpstreamSet;
  readonly shares: TrafficSet;
  readonly guests: GuestSet;
  /** From 1, in the file. */
  readonly places: ReadonlyMap<RouteConfig, number>;
  readonly hosts: UpstreamHosts;
  readonly config: Config;
  readonly store: Store | undefined;
  readonly clientOf: ClientOf;
}

/** Which proxies are believed; undefined for none. */
export function trustOf({ server }: Config): TrustedProxyOptions | undefined {
  const { trusted_proxies: trust, forwarded_fields: fields } = server;
  // With PROXY headers the connection itself is the client's.
  return trust.length === 0 || server.proxy_protocol ? undefined : { trust, fields };
}

/** How matchers learn of the client, who is asked for before any middleware runs. */
export function clientOf(trust: TrustedProxyOptions | undefined): ClientOf {
  const read = trust && forwardedReader(trust);
  return (exchange) => read?.(exchange)?.ip ?? exchange.connection.remoteAddress;
}

function handlerOf(action: RouteConfig["action"], parts: Parts): Handler {
  const { apps, upstreams, hosts, guests, shares } = parts;
  const ask = (name: string, how: ForwardingAction): Handler =>
    proxyAction(name, how, upstreams, hosts);
  switch (action.type) {
    case "static":
      return staticFilesAction(action);
    case "redirect":
      return redirect(action);
    case "respond":
      return respond(action);
    case "wasm":
      return wasmAction(action, guests);
    case "app":
      return appAction(apps.get(action) as LoadedApp);
    case "proxy":
      return ask(action.upstream, action);
    case "split": {
      const sides = action.choices.map(({ upstream }) => ask(upstream, action) as ReplyHandler);
      return splitAction(action, shares.splitOf(action), sides);
    }
    case "mirror":
      return mirrorAction(action, shares.countsOf(action), upstreams, hosts);
  }
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
