import type { LoadRequest } from "../config/load.ts";
import { loadConfig } from "../config/load.ts";
import { renderDiagnostics } from "../config/render.ts";
import type { Config } from "../config/schema/config.ts";
import type { Application } from "../core/exchange.ts";
import { fetchThrough } from "../core/fetch-through.ts";
import type { Plan } from "../server/lifecycle/plan.ts";
import { Service } from "../server/lifecycle/service.ts";
import { Sockets } from "../server/lifecycle/sockets.ts";
import type { ServerAddress } from "../server/serve.ts";
import { MemoryStore } from "../store/memory-store.ts";
import type { Store } from "../store/store.ts";
import { compile } from "./compile.ts";
import { Logs } from "./logs.ts";
import { Streams } from "./streams.ts";
import type { SplitControl } from "./traffic/splits.ts";
import { Traffic } from "./traffic/traffic.ts";
import { Upstreams } from "./upstreams.ts";

export interface GatewayOptions {
  /** Where `SLUICE_…` variables and `env:` values are looked up. Left out: nowhere. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What relative paths of a value are relative to. Default: the working directory. */
  readonly cwd?: string;
  /**
   * What rate limits are counted in. Processes that are to count together need one that they share. Default: in
   * memory, of this gateway.
   */
  readonly store?: Store;
}

/** A gateway that listens. */
export interface RunningGateway {
  /** The bound port of HTTP; undefined where only TCP and UDP are passed on. */
  readonly port: number | undefined;
  readonly addresses: readonly ServerAddress[];
  /** Lets open requests finish, for at most `server.drain_ms`. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** A configuration as a program has it: to answer with, to mount, or to run. */
export interface Gateway extends Application {
  readonly config: Config;
  /** What was found and does not prevent anything, as the check shows it. */
  readonly warnings: string;
  /** The shares of its splits, once it has started: to look at, and to change while it runs. */
  readonly splits: SplitControl;
  /** Answers a web `Request`: `app.mount("/old", gateway.fetch)`. */
  fetch(request: Request): Promise<Response>;
  /** Opens what the configuration says: HTTP, TCP and UDP; in this process, and without the admin listener. */
  serve(): Promise<RunningGateway>;
}

/** A configuration that cannot be used. The message has all that is wrong, each with its place. */
export class GatewayConfigError extends Error {
  readonly code = "gateway_config";

  constructor(message: string) {
    super(message);
    this.name = "GatewayConfigError";
  }
}

/**
 * A configuration as a gateway in a program of one's own.
 * @param source the path of a file, or a value with the same keys
 * @throws GatewayConfigError
 * @example
 * const front = await gateway({
 *   server: { port: 8080 },
 *   upstream: [{ name: "app", backends: ["127.0.0.1:3001"] }],
 *   route: [{ action: { type: "proxy", upstream: "app" } }],
 * });
 * const running = await front.serve();
 */
export async function gateway(
  source: string | object,
  { env = {}, cwd = process.cwd(), store = new MemoryStore() }: GatewayOptions = {},
): Promise<Gateway> {
  const { config, diagnostics } = loadConfig(requestOf(source, env, cwd));
  if (config === undefined) throw new GatewayConfigError(renderDiagnostics(diagnostics).trimEnd());
  const logs = new Logs();
  const upstreams = new Upstreams(logs.upstreamObserver, env);
  const traffic = new Traffic();
  const { app, settings } = await compile(config, upstreams, store, traffic);
  return {
    config,
    warnings: renderDiagnostics(diagnostics).trimEnd(),
    splits: traffic.splits,
    handle: (exchange, report) => app.handle(exchange, report),
    start: async () => app.start?.(),
    stop: async () => app.stop?.(),
    fetch: (request) => fetchThrough(app, request),
    async serve() {
      const { host, port, drain_delay_ms: drainDelayMs } = config.server;
      const observer = logs.observer(config.log);
      const streams = new Streams().plan(config, logs.streamObserver(config.log));
      // What only passes on TCP and UDP has no HTTP server, as with the command.
      const isHttp = config.route.length > 0 || streams.length === 0;
      const server = {
        name: "server",
        app,
        settings: { ...settings, host, port, observer },
      } as const;
      const plan: Plan = {
        servers: isHttp ? [server] : [],
        streams,
        workers: 1,
        drainDelayMs,
        identity: undefined,
      };
      const service = new Service(new Sockets());
      const end = async (how: Promise<void>): Promise<void> => {
        await how;
        await logs.close();
      };
      try {
        await service.apply(plan);
      } catch (error) {
        await end(service.close());
        throw error;
      }
      return {
        port: portOf(service.addresses),
        addresses: service.addresses,
        drain: () => end(service.drain()),
        close: () => end(service.close()),
      };
    },
  };
}

function portOf(addresses: readonly ServerAddress[]): number | undefined {
  const http = addresses.find(({ url }) => /^https?:/.test(url));
  if (http === undefined) return undefined;
  const { port, protocol } = new URL(http.url);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

function requestOf(
  source: string | object,
  env: NonNullable<GatewayOptions["env"]>,
  cwd: string,
): LoadRequest {
  if (typeof source === "string") return { file: source, env, cwd };
  const overrides = Object.entries(source).map(([key, value]) => {
    return { path: [key], value: value as unknown, name: "gateway()" };
  });
  return { env, cwd, overrides };
}
