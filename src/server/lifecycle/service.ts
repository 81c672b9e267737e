import type { Server, ServerAddress } from "../serve.ts";
import { serve } from "../serve.ts";
import type { ServeOptions } from "../settings.ts";
import { CertificateStore } from "../tls/certificate-store.ts";
import { resolveSettings } from "../settings.ts";
import type { Plan, PlannedServer, PlannedStream, RunningStream } from "./plan.ts";
import { sameListener, socketAddresses, streamKey, streamSocket } from "./plan.ts";
import type { Sockets } from "./sockets.ts";

interface Running {
  readonly planned: PlannedServer;
  readonly server: Server;
}

interface OpenStream {
  readonly planned: PlannedStream;
  readonly stream: RunningStream;
}

/** How long what is asked of the admin server may go on when everything else has ended. */
const ADMIN_LAST_MS = 1_000;

/** The servers of one process, and how one plan takes another's place. */
export class Service {
  readonly #sockets: Sockets;
  #running = new Map<PlannedServer["name"], Running>();
  #streams = new Map<string, OpenStream>();
  readonly #leaving = new Set<Promise<void>>();
  /** There is no time to wait for any more. */
  readonly #closing = Promise.withResolvers<void>();

  constructor(sockets: Sockets) {
    this.#sockets = sockets;
  }

  /** Where the main server can be reached. */
  get addresses(): readonly ServerAddress[] {
    const streams = [...this.#streams.values()].map(({ stream, planned }) => {
      return { url: stream.url, protocols: [planned.transport] };
    });
    return [
      ...[...this.#running.values()].flatMap(({ server }) => [...server.addresses]),
      ...streams,
    ];
  }

  /** What could not be served as it was asked, and why. */
  get warnings(): readonly string[] {
    return [...this.#running.values()].flatMap(({ server }) => [...server.warnings]);
  }

  /** Finds out whether a plan can be served, and changes nothing. @throws CertificateError */
  check(plan: Plan): void {
    for (const { settings } of plan.servers) {
      const { tls } = resolveSettings(settings);
      if (tls !== undefined) new CertificateStore(tls);
    }
    for (const stream of plan.streams ?? []) stream.check();
  }

  /**
   * Serves a plan in place of the one before, all of it or nothing: new servers listen, then those that stay
   * change what they serve, then those that are wanted no more are drained while they finish what they have.
   * @throws whatever prevents it; the plan before is served as if nothing had been asked then
   */
  async apply(plan: Plan): Promise<void> {
    this.check(plan);
    const addresses = socketAddresses(plan);
    this.#sockets.bind(addresses);
    const next = new Map<PlannedServer["name"], Running>();
    const added: Server[] = [];
    const started: PlannedServer[] = [];
    const swapped: Running[] = [];
    const streams = new Map<string, OpenStream>();
    const opened: RunningStream[] = [];
    try {
      for (const planned of plan.streams ?? []) {
        const key = streamKey(planned);
        if (this.#streams.has(key)) continue;
        const [address] = streamSocket(planned);
        const stream = await planned.open(address && this.#sockets.open(address));
        opened.push(stream);
        streams.set(key, { planned, stream });
      }
      for (const planned of plan.servers) {
        const before = this.#running.get(planned.name);
        if (before !== undefined && sameListener(before.planned, planned)) continue;
        const server = await serve(planned.app, this.#withDescriptors(planned));
        added.push(server);
        next.set(planned.name, { planned, server });
      }
      for (const planned of plan.servers) {
        if (next.has(planned.name)) continue;
        await planned.app.start?.();
        started.push(planned);
      }
      for (const planned of started) {
        const before = this.#running.get(planned.name) as Running;
        before.server.swap(planned.app, planned.settings);
        swapped.push(before);
        next.set(planned.name, { planned, server: before.server });
      }
    } catch (error) {
      for (const { planned, server } of swapped) server.swap(planned.app, planned.settings);
      for (const server of added) await server.close();
      for (const stream of opened) stream.close();
      for (const { app } of started) await app.stop?.();
      const current = [...this.#running.values()].map(({ planned }) => planned);
      const open = [...this.#streams.values()].map(({ planned }) => planned);
      this.#sockets.keepOnly(socketAddresses({ ...plan, servers: current, streams: open }));
      throw error;
    }
    const before = this.#running;
    this.#running = next;
    for (const [name, { server }] of before) {
      if (next.get(name)?.server !== server) this.#retire(server);
    }
    for (const { planned } of swapped) this.#stopLater(planned);
    this.#adoptStreams(plan.streams ?? [], streams);
    this.#sockets.keepOnly(addresses);
  }

  /** Lets everything finish. The admin server answers until the others are done. */
  async drain(): Promise<void> {
    this.#sockets.keepOnly(this.#addressesOf("admin"));
    this.#closing.resolve();
    const admin = this.#running.get("admin")?.server;
    const others = [...this.#running.values()].filter(({ planned }) => planned.name !== "admin");
    const streams = [...this.#streams.values()].map(({ stream }) => stream.drain());
    await Promise.all([
      ...others.map(({ server }) => server.drain()),
      ...streams,
      ...this.#leaving,
    ]);
    this.#sockets.keepOnly([]);
    if (admin === undefined) return;
    // Whoever asked for the reload that replaces this process waits for its outcome there.
    const timer = setTimeout(() => void admin.close(), ADMIN_LAST_MS);
    await admin.drain();
    clearTimeout(timer);
  }

  /** Breaks everything off. */
  async close(): Promise<void> {
    this.#sockets.keepOnly([]);
    this.#closing.resolve();
    for (const { stream } of this.#streams.values()) stream.close();
    await Promise.all([...this.#running.values()].map(({ server }) => server.close()));
  }

  /** Streams that stay change what new connections meet; those that are wanted no more are drained. */
  #adoptStreams(planned: readonly PlannedStream[], next: Map<string, OpenStream>): void {
    for (const one of planned) {
      const key = streamKey(one);
      const before = this.#streams.get(key);
      if (before === undefined) continue;
      one.adopt(before.stream);
      next.set(key, { planned: one, stream: before.stream });
    }
    for (const [key, { stream }] of this.#streams) {
      if (next.has(key)) continue;
      const left = stream.drain().finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
    this.#streams = next;
  }

  #addressesOf(name: PlannedServer["name"]) {
    const planned = this.#running.get(name)?.planned;
    if (planned === undefined) return [];
    return [{ name, host: planned.settings.host, port: planned.settings.port }];
  }

  /** An App that was swapped out stops once its requests have had the time that a drain gives them. */
  #stopLater({ app, settings }: PlannedServer): void {
    if (app.stop === undefined) return;
    const stopping = Promise.race([
      Bun.sleep(resolveSettings(settings).drainMs),
      this.#closing.promise,
    ])
      .then(() => app.stop?.())
      .finally(() => this.#leaving.delete(stopping));
    this.#leaving.add(stopping);
  }

  #retire(server: Server): void {
    const left = server.drain().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  #withDescriptors({ name, settings }: PlannedServer): ServeOptions {
    const { host, port, redirect } = settings;
    const own = this.#sockets.open({ name, host, port });
    const bound = { ...settings, fd: own.fd, port: own.port };
    if (redirect === undefined) return bound;
    const { fd } = this.#sockets.open({ name: "redirect", host, port: redirect.port });
    return { ...bound, redirect: { ...redirect, fd } };
  }
}
