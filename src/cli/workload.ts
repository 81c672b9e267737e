import { adminApp } from "../admin/admin-app.ts";
import type { Config } from "../config/schema/config.ts";
import { isPem } from "../config/values.ts";
import { compile } from "../gateway/compile.ts";
import type { Observer } from "../server/engine.ts";
import { metricsObserver } from "../server/metrics-observer.ts";
import { observeAll } from "../server/observe-all.ts";
import { addProcessFacts } from "../telemetry/metrics/process-facts.ts";
import { Logs } from "../gateway/logs.ts";
import { Streams } from "../gateway/streams.ts";
import { collectStreams } from "../gateway/stream-metrics.ts";
import { collectTraffic } from "../gateway/traffic/collect-traffic.ts";
import { Traffic } from "../gateway/traffic/traffic.ts";
import { collectUpstreams } from "../gateway/upstream-metrics.ts";
import { Upstreams } from "../gateway/upstreams.ts";
import { Guests, guestsOf } from "../gateway/wasm/guests.ts";
import type { Plan, PlannedServer } from "../server/lifecycle/plan.ts";
import type { ProcessContext, Workload } from "../server/workers/workload.ts";
import { withHealth } from "../telemetry/health/with-health.ts";
import { VERSION } from "./version.ts";

/** By then what a start leaves behind, such as the code of modules that ran once, is of no more use. */
const SHRINK_AFTER_MS = 500;

/** What a configuration makes a process do. */
export function createWorkload(): Workload {
  const logs = new Logs();
  const upstreams = new Upstreams(logs.upstreamObserver);
  const guests = new Guests((name, line) => logs.guest(name, line));
  const shared = { logs, streams: new Streams(), upstreams, traffic: new Traffic(), guests };
  let counting: Observer | undefined;
  /** The same through all reloads, and only where somebody can look at it. */
  const count = ({ metrics: { own } }: ProcessContext): Observer => {
    if (counting === undefined) {
      counting = metricsObserver(own);
      addProcessFacts(own, VERSION);
      collectUpstreams(own, () => upstreams.all);
      collectTraffic(own, shared.traffic);
      collectStreams(own, () => shared.streams.running);
    }
    return counting;
  };
  // One handler that forgets to await must not end the requests of all others.
  const unhandled = (error: unknown): void =>
    logs.error("a promise was rejected and nobody handled it: an await is missing", error);
  process.on("unhandledRejection", unhandled);
  setTimeout(() => Bun.shrink(), SHRINK_AFTER_MS).unref();
  return {
    build: (source, context) => planOf(source as Config, context, shared, count),
    reopenLogs: () => logs.reopen(),
    close() {
      process.off("unhandledRejection", unhandled);
      return logs.close();
    },
  };
}

/** What lives on through reloads. */
interface Shared {
  readonly logs: Logs;
  readonly streams: Streams;
  readonly upstreams: Upstreams;
  readonly traffic: Traffic;
  readonly guests: Guests;
}

async function planOf(
  config: Config,
  context: ProcessContext,
  { logs, streams, upstreams, traffic, guests }: Shared,
  count: (context: ProcessContext) => Observer,
): Promise<Plan> {
  const { readiness, metrics, store, reload } = context;
  const { app, settings } = await compile(config, upstreams, store, traffic, guests);
  const logging = logs.observer(config.log);
  const observer = config.admin === undefined ? logging : observeAll(logging, count(context));
  const { host, port, health, workers, user, group, drain_delay_ms } = config.server;
  const servers: PlannedServer[] = [
    {
      name: "server",
      app: health ? withHealth(app, readiness) : app,
      settings: { ...settings, host, port, observer },
    },
  ];
  if (config.admin !== undefined) {
    const app = adminApp({
      readiness,
      version: VERSION,
      metrics: () => metrics.gather(),
      splits: traffic.splits,
      hosts: [config.admin.host, ...config.admin.hosts],
      reload,
    });
    const { host, port } = config.admin;
    servers.push({ name: "admin", app, settings: { host, port, http3: false } });
  }
  const planned = streams.plan(config, logs.streamObserver(config.log));
  // Without routes, and with something else to do, there is nothing to answer over HTTP.
  if (config.route.length === 0 && planned.length > 0) servers.shift();
  return {
    servers,
    streams: planned,
    workers: workers === "auto" ? navigator.hardwareConcurrency : workers,
    drainDelayMs: drain_delay_ms,
    identity: user === undefined ? undefined : { user, group },
  };
}

/** Files besides those of the configuration itself whose changes mean a reload. */
export function certificateFiles(config: Config): string[] {
  const { server, tcp_proxy, middleware, route } = config;
  const { tls, certificate } = server;
  const values = [
    tls?.cert,
    tls?.key,
    tls?.client_ca,
    ...certificate.flatMap((pair) => [pair.cert, pair.key]),
    ...tcp_proxy.flatMap((proxy) => [proxy.tls?.cert, proxy.tls?.key]),
    ...[middleware, ...route.map((one) => one.middleware)].flatMap(({ auth }) => authFiles(auth)),
    ...guestsOf(config).map(([, { module }]) => module),
    ...route.map(({ action }) => (action.type === "respond" ? action.file : undefined)),
  ];
  return values.filter((value) => value !== undefined).filter((value) => !isPem(value));
}

function authFiles(auth: Config["middleware"]["auth"]): (string | undefined)[] {
  if (!auth) return [];
  if (auth.type === "basic") return [auth.htpasswd];
  if (auth.type !== "jwt") return [];
  return [auth.public_key, ...auth.keys.map((key) => key.public_key)];
}
