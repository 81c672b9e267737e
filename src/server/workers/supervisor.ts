import { MemoryStore } from "../../store/memory-store.ts";
import type { Readiness } from "../../telemetry/health/readiness.ts";
import type { Metrics, MetricSnapshot } from "../../telemetry/metrics/registry.ts";
import { mergeSnapshots } from "../../telemetry/metrics/registry.ts";
import type { Report } from "../lifecycle/event.ts";
import { messageOf } from "../lifecycle/event.ts";
import type { Plan } from "../lifecycle/plan.ts";
import { drainMsOf, sameListeners, socketAddresses, wantsUdp } from "../lifecycle/plan.ts";
import type { ReloadOutcome } from "../lifecycle/reloader.ts";
import type { Stoppable } from "../lifecycle/run-until-stopped.ts";
import type { Sockets } from "../lifecycle/sockets.ts";
import type { ServerAddress } from "../serve.ts";
import { Backoff } from "./backoff.ts";
import type { Http3Role } from "./messages.ts";
import { WorkerProcess } from "./worker-process.ts";

/** A plan and what workers need to build it themselves. */
export interface GroupPlan {
  readonly plan: Plan;
  /** Plain data; see `Workload.build`. */
  readonly source: unknown;
}

export interface SupervisorOptions {
  readonly sockets: Sockets;
  readonly readiness: Readiness;
  readonly report: Report;
  /** Starts a worker. */
  readonly command: readonly string[];
  /** What is counted here, and belongs to no worker. */
  readonly metrics?: Metrics;
  /** What SIGHUP does, for whoever asks a worker for it. */
  reload(): Promise<ReloadOutcome>;
}

/** A place for one worker: when it dies, another takes the place. */
interface Slot {
  readonly id: number;
  worker: WorkerProcess | undefined;
  readonly backoff: Backoff;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** How much longer than its own deadline a worker may take to end. */
const GRACE_MS = 3_000;

/**
 * Keeps a group of workers serving one plan. It holds the listening sockets and what workers share, and reads
 * no byte of a client.
 */
export class Supervisor implements Stoppable {
  readonly #options: SupervisorOptions;
  readonly #store = new MemoryStore();
  /** Not in their slots yet. */
  readonly #starting = new Set<WorkerProcess>();
  readonly #leaving = new Set<WorkerProcess>();
  #slots: Slot[] = [];
  #current: GroupPlan | undefined;
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Where the group can be reached. */
  get addresses(): readonly ServerAddress[] {
    // The one with HTTP/3 has the longest list of protocols.
    const all = this.#ready().toSorted((a, b) => rank(a) - rank(b));
    return all[0]?.addresses ?? [];
  }

  /** What could not be served as it was asked, and why. */
  get warnings(): readonly string[] {
    return [...new Set(this.#ready().flatMap((worker) => [...worker.warnings]))];
  }

  /** Of the workers that serve. */
  get pids(): readonly number[] {
    return this.#ready().map(({ pid }) => pid);
  }

  /**
   * Starts the group, or changes what it serves. Where listeners and number stay, each worker builds and checks,
   * and only when all can do they change over; otherwise new workers take the place of the old ones.
   * @throws whatever prevents it; what ran before goes on then
   */
  async apply(next: GroupPlan): Promise<void> {
    const addresses = socketAddresses(next.plan);
    const { sockets } = this.#options;
    const before = this.#current;
    const sameGroup =
      before !== undefined &&
      sockets.has(addresses) &&
      before.plan.workers === next.plan.workers &&
      sameListeners(before.plan, next.plan);
    sockets.bind(addresses);
    try {
      if (sameGroup) await this.#changeOver(before, next);
      else await this.#newGroup(next);
    } catch (error) {
      sockets.keepOnly(before === undefined ? [] : socketAddresses(before.plan));
      throw error;
    }
    sockets.keepOnly(addresses);
  }

  /** Replaces every worker in turn by a new one. @throws when a new one cannot start; the old one stays then */
  async restart(): Promise<void> {
    for (const slot of this.#slots) {
      if (this.#stopping) return;
      if (slot.worker?.state === "ready") await this.#replace(slot);
    }
  }

  reopenLogs(): void {
    for (const worker of this.#ready()) worker.order({ type: "reopen-logs" });
  }

  /** Tells every worker whether traffic should come. */
  shareReadiness(): void {
    const { reasons } = this.#options.readiness;
    for (const worker of this.#ready()) worker.order({ type: "readiness", reasons });
  }

  async #gatherMetrics(): Promise<readonly MetricSnapshot[]> {
    const all = await Promise.all(this.#ready().map((worker) => worker.metrics()));
    return mergeSnapshots([...all, this.#options.metrics?.snapshot() ?? []]);
  }

  async drain(): Promise<void> {
    const workers = this.#stop();
    await Promise.all(workers.map((worker) => worker.drain(this.#deadline())));
  }

  async close(): Promise<void> {
    const workers = this.#stop();
    for (const worker of workers) worker.kill();
    await Promise.all(workers.map(({ gone }) => gone));
  }

  #stop(): WorkerProcess[] {
    this.#stopping = true;
    for (const { timer } of this.#slots) clearTimeout(timer);
    this.#options.sockets.keepOnly([]);
    return this.#all();
  }

  #all(): WorkerProcess[] {
    const inSlots = this.#slots.flatMap(({ worker }) => worker ?? []);
    return [...this.#leaving, ...this.#starting, ...inSlots];
  }

  /** Two steps, so that all change or none. */
  async #changeOver(before: GroupPlan, next: GroupPlan): Promise<void> {
    const workers = this.#ready();
    try {
      await all(workers.map((worker) => worker.prepare(next.source)));
    } catch (error) {
      for (const worker of workers) worker.order({ type: "abort" });
      throw error;
    }
    this.#current = next;
    try {
      await all(workers.map((worker) => worker.commit()));
    } catch (error) {
      this.#current = before;
      await this.#changeBack(workers, before);
      throw error;
    }
    // These began with the plan before; their slots start again with this one.
    for (const worker of this.#starting) worker.kill();
  }

  /** One that cannot even go back is replaced. */
  async #changeBack(workers: readonly WorkerProcess[], before: GroupPlan): Promise<void> {
    await Promise.all(
      workers.map(async (worker) => {
        try {
          await worker.prepare(before.source);
          await worker.commit();
        } catch {
          worker.kill();
        }
      }),
    );
  }

  async #newGroup(next: GroupPlan): Promise<void> {
    const before = this.#slots;
    const slots = Array.from({ length: next.plan.workers }, (_, id): Slot => {
      return { id, worker: undefined, backoff: new Backoff(), timer: undefined };
    });
    // While the group before holds the UDP port, none of the new ones can have it.
    const http3 = this.#http3Role(next.plan);
    const started: WorkerProcess[] = [];
    try {
      // Whoever has the UDP port comes first: only if it could be had are clients told of it.
      if (http3 === "own") {
        const owner = this.#spawn(slots[0] as Slot, next, http3);
        started.push(owner);
        await this.#started(owner);
      }
      const role = http3 === "own" && !servesHttp3(started[0]) ? "off" : elsewhere(http3);
      const others = slots.slice(started.length).map((slot) => this.#spawn(slot, next, role));
      started.push(...others);
      await all(others.map((worker) => this.#started(worker)));
    } catch (error) {
      for (const worker of started) worker.kill();
      throw error;
    }
    this.#current = next;
    this.#slots = slots;
    for (const [index, slot] of slots.entries()) slot.worker = started[index];
    this.shareReadiness();
    // One may be gone again by now.
    for (const slot of slots) if (slot.worker?.state === "gone") this.#exited(slot, slot.worker);
    for (const slot of before) {
      clearTimeout(slot.timer);
      if (slot.worker !== undefined) this.#retire(slot.worker);
      slot.worker = undefined;
    }
  }

  #spawn(slot: Slot, { plan, source }: GroupPlan, http3: Http3Role): WorkerProcess {
    const { sockets, command } = this.#options;
    const handles = socketAddresses(plan).map((address) => sockets.handle(address));
    const worker = new WorkerProcess({
      id: slot.id,
      command,
      store: this.#store,
      assignment: { source, sockets: handles, http3 },
      exited: (gone) => this.#exited(slot, gone),
      gatherMetrics: () => this.#gatherMetrics(),
      reload: () => this.#options.reload(),
    });
    this.#starting.add(worker);
    return worker;
  }

  async #started(worker: WorkerProcess): Promise<void> {
    try {
      await worker.started();
    } finally {
      this.#starting.delete(worker);
    }
  }

  /** Starts another worker in a slot; the one that is there leaves once the other serves. */
  async #replace(slot: Slot): Promise<void> {
    const http3 = this.#http3Role((this.#current as GroupPlan).plan);
    const worker = this.#spawn(slot, this.#current as GroupPlan, http3);
    try {
      await this.#started(worker);
    } catch (error) {
      worker.kill();
      throw error;
    }
    // The group may have been replaced, or told to stop, meanwhile.
    if (this.#stopping || !this.#slots.includes(slot)) return this.#retire(worker);
    const before = slot.worker;
    clearTimeout(slot.timer);
    slot.worker = worker;
    const { reasons } = this.#options.readiness;
    worker.order({ type: "readiness", reasons });
    if (before !== undefined) this.#retire(before);
  }

  #retire(worker: WorkerProcess): void {
    this.#leaving.add(worker);
    void worker.drain(this.#deadline()).then(() => {
      this.#leaving.delete(worker);
      this.#returnHttp3();
    });
  }

  #exited(slot: Slot, worker: WorkerProcess): void {
    if (this.#stopping || slot.worker !== worker || !this.#slots.includes(slot)) return;
    slot.worker = undefined;
    const waitMs = this.#reviveLater(slot, performance.now() - worker.startedAt);
    this.#options.report({
      level: "warn",
      event: "worker_died",
      message: `worker ${slot.id} (pid ${worker.pid}) ended: ${worker.end}; another one starts in ${waitMs} ms`,
    });
  }

  /** @returns in how many milliseconds */
  #reviveLater(slot: Slot, livedMs: number): number {
    const waitMs = slot.backoff.next(livedMs);
    clearTimeout(slot.timer);
    slot.timer = setTimeout(() => void this.#revive(slot), waitMs);
    return waitMs;
  }

  async #revive(slot: Slot): Promise<void> {
    try {
      await this.#replace(slot);
      const message = `worker ${slot.id} (pid ${slot.worker?.pid}) serves`;
      this.#options.report({ level: "info", event: "worker_started", message });
    } catch (error) {
      if (this.#stopping || !this.#slots.includes(slot)) return;
      const waitMs = this.#reviveLater(slot, 0);
      const message = `worker ${slot.id} could not start, the next attempt is in ${waitMs} ms: ${messageOf(error)}`;
      this.#options.report({ level: "error", event: "worker_failed", message });
    }
  }

  /** The UDP port cannot be handed over: once its owner has left, one worker is replaced by one that takes it. */
  #returnHttp3(): void {
    const plan = this.#current?.plan;
    if (this.#stopping || plan === undefined || !wantsUdp(plan) || this.#http3Taken()) return;
    const slot = this.#slots.find(({ worker }) => worker?.state === "ready");
    if (slot === undefined) return;
    this.#replace(slot).catch((error) => {
      const message = `HTTP/3 is off until the next restart: ${messageOf(error)}`;
      this.#options.report({ level: "error", event: "http3_lost", message });
    });
  }

  #http3Taken(): boolean {
    return this.#all().some(({ http3, state }) => http3 === "own" && state !== "gone");
  }

  /** The role of the next worker. */
  #http3Role(plan: Plan): Http3Role {
    if (!wantsUdp(plan)) return "off";
    return this.#http3Taken() ? "elsewhere" : "own";
  }

  #ready(): WorkerProcess[] {
    return this.#slots.flatMap(({ worker }) => (worker?.state === "ready" ? worker : []));
  }

  #deadline(): number {
    return (this.#current === undefined ? 0 : drainMsOf(this.#current.plan)) + GRACE_MS;
  }
}

function rank({ http3 }: WorkerProcess): number {
  return http3 === "own" ? 0 : 1;
}

function servesHttp3(worker: WorkerProcess | undefined): boolean {
  return worker?.addresses.some(({ protocols }) => protocols.includes("h3")) ?? false;
}

function elsewhere(role: Http3Role): Http3Role {
  return role === "own" ? "elsewhere" : role;
}

/** Waits for all, also when one fails, and then throws the first failure. */
async function all(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === "rejected") throw result.reason;
  }
}
