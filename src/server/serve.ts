import type { Application } from "../core/exchange.ts";
import { listenTcp } from "../runtime/bun-listener.ts";
import { ConnectionInfo } from "./connection-info.ts";
import type { EngineHost } from "./engine.ts";
import { Http1Engine } from "./engines/http1/engine.ts";
import { Gate } from "./gate.ts";
import type { ServeOptions } from "./settings.ts";
import { resolveSettings } from "./settings.ts";
import { Sweeper, sweepInterval } from "./sweeper.ts";

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
  readonly draining: boolean;
  /** Open connections of every kind. */
  readonly connections: number;
  /**
   * Replaces the App and whatever of the settings can change without a new port: limits, paths, certificates.
   * Open connections go on and see the new values with their next request.
   */
  swap(app: Application, options?: ServeOptions): void;
  /** Stops accepting and lets open requests finish, at most `drainMs`; then what is left is broken off. */
  drain(): Promise<void>;
  /** Breaks everything off. */
  close(): Promise<void>;
}

/**
 * Serves an App. A server is a value: any number of them run in one process.
 * @throws an error with `code` EADDRINUSE, EACCES … when the port cannot be had
 * @example
 * const server = await serve(new App().get("/", () => "Hello"), { port: 0 });
 */
export async function serve(app: Application, options: ServeOptions = {}): Promise<Server> {
  const settings = resolveSettings(options);
  const { limits } = settings;
  const sweeper = new Sweeper(
    sweepInterval([limits.headerTimeoutMs, limits.keepAliveMs, limits.idleMs, limits.requestMs]),
  );
  const gate = new Gate();
  const host: EngineHost = {
    app,
    limits,
    paths: settings.paths,
    observer: settings.observer,
    draining: false,
    altSvc: undefined,
    hsts: undefined,
    covers: () => true,
  };
  const http1 = new Http1Engine(host, sweeper);
  const listener = listenTcp(settings, (socket) => {
    const connection = new ConnectionInfo(socket, undefined);
    const refusal = gate.enter(connection.remoteAddress, host.limits);
    if (refusal !== undefined) {
      const { remoteAddress } = connection;
      host.observer.refused?.({ code: refusal, status: 0, remoteAddress });
      socket.destroy();
      return;
    }
    host.observer.opened?.(connection);
    http1.accept(socket, connection, () => {
      gate.leave(connection.remoteAddress);
      host.observer.closed?.(connection);
    });
  });
  return {
    addresses: [{ url: `http://${settings.host}:${listener.port}`, protocols: ["h1"] }],
    port: listener.port,
    get draining() {
      return host.draining;
    },
    get connections() {
      return gate.open;
    },
    swap(next, changed = {}) {
      const fresh = resolveSettings({ ...options, ...changed });
      host.app = next;
      host.limits = fresh.limits;
      host.paths = fresh.paths;
      host.observer = fresh.observer;
    },
    async drain() {
      host.draining = true;
      listener.stop();
      http1.drain();
      const deadline = performance.now() + settings.drainMs;
      while (gate.open > 0 && performance.now() < deadline) await Bun.sleep(10);
      http1.close();
      sweeper.stop();
    },
    async close() {
      host.draining = true;
      listener.stop();
      http1.close();
      sweeper.stop();
    },
  };
}
