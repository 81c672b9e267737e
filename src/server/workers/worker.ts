import { SupervisorStore } from "../../store/supervisor-store.ts";
import { Readiness } from "../../telemetry/health/readiness.ts";
import type { MetricSnapshot } from "../../telemetry/metrics/registry.ts";
import { Metrics } from "../../telemetry/metrics/registry.ts";
import { messageOf } from "../lifecycle/event.ts";
import type { Plan } from "../lifecycle/plan.ts";
import type { ReloadOutcome } from "../lifecycle/reloader.ts";
import { hasHttp3 } from "../lifecycle/plan.ts";
import { dropPrivileges } from "../lifecycle/privileges.ts";
import { Service } from "../lifecycle/service.ts";
import { Sockets } from "../lifecycle/sockets.ts";
import type { Answer, Assignment, Http3Role, Order } from "./messages.ts";
import { RELOAD_MS, REPORT_MS } from "./messages.ts";
import { Pending } from "./pending.ts";
import type { Workload } from "./workload.ts";

/** Serves what the supervisor says until it says stop, or is gone. @returns the exit code */
export function runWorker(workload: Workload): Promise<number> {
  return new Promise((resolve) => {
    const worker = new Worker(workload, resolve);
    process.on("message", (order: Order) => worker.receive(order));
    // A worker without a supervisor would hold the port for ever.
    process.on("disconnect", () => worker.drain());
    process.on("SIGTERM", () => worker.drain());
    // A terminal sends these to everyone; the supervisor says what to do about them.
    for (const signal of ["SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const) {
      process.on(signal, () => {});
    }
    worker.answer({ type: "hello" });
  });
}

class Worker {
  readonly #workload: Workload;
  readonly #exit: (code: number) => void;
  readonly #readiness = new Readiness();
  readonly #store = new SupervisorStore({ send: (request) => this.answer(request) });
  readonly #metrics = new Metrics();
  readonly #gathered = new Pending<readonly MetricSnapshot[]>();
  readonly #reloads = new Pending<ReloadOutcome>();
  #service: Service | undefined;
  #prepared: Plan | undefined;
  #http3: Http3Role = "off";
  #stopping = false;

  constructor(workload: Workload, exit: (code: number) => void) {
    this.#workload = workload;
    this.#exit = exit;
    this.#readiness.block("starting", "the workers are starting");
  }

  answer(answer: Answer): void {
    if (process.connected) process.send?.(answer);
  }

  receive(order: Order): void {
    switch (order.type) {
      case "start":
        return void this.#try(() => this.#start(order), true);
      case "prepare":
        return void this.#try(() => this.#prepare(order.source));
      case "commit":
        return void this.#try(() => this.#commit());
      case "abort":
        this.#prepared = undefined;
        return;
      case "drain":
        return this.drain();
      case "close":
        return void (this.#service?.close() ?? Promise.resolve()).finally(() => this.#end(0));
      case "reopen-logs":
        return this.#workload.reopenLogs();
      case "report-metrics":
        return this.answer({
          type: "metrics-report",
          id: order.id,
          metrics: this.#metrics.snapshot(),
        });
      case "metrics":
        return this.#gathered.answer(order.id, order.all);
      case "reload-outcome":
        return this.#reloads.answer(order.id, order.outcome);
      case "readiness":
        return this.#readiness.replace(order.reasons);
      case "store-answers":
      case "store-published":
        return this.#store.receive(order);
    }
  }

  drain(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    void (this.#service?.drain() ?? Promise.resolve()).finally(() => this.#end(0));
  }

  async #start(assignment: Assignment): Promise<void> {
    this.#http3 = assignment.http3;
    const plan = await this.#build(assignment.source);
    this.#service = new Service(new Sockets({ handles: assignment.sockets }));
    await this.#service.apply(plan);
    if (plan.identity !== undefined) dropPrivileges(plan.identity);
    const { addresses, warnings } = this.#service;
    this.answer({ type: "started", addresses, warnings });
  }

  async #prepare(source: unknown): Promise<void> {
    const plan = await this.#build(source);
    this.#service?.check(plan);
    this.#prepared = plan;
    this.answer({ type: "prepared" });
  }

  async #commit(): Promise<void> {
    const plan = this.#prepared;
    this.#prepared = undefined;
    if (plan === undefined) throw new Error("nothing was prepared");
    await this.#service?.apply(plan);
    this.answer({ type: "committed" });
  }

  /** One worker has the UDP port; the others leave it alone. */
  async #build(source: unknown): Promise<Plan> {
    const metrics = { own: this.#metrics, gather: () => this.#gather() };
    const reload = () => this.#reload();
    const context = { readiness: this.#readiness, store: this.#store, metrics, reload };
    const plan = await this.#workload.build(source, context);
    const servers = plan.servers.map((planned) => {
      const { settings } = planned;
      if (!hasHttp3(settings)) return planned;
      const http3 = this.#http3 === "own";
      const http3Elsewhere = this.#http3 === "elsewhere";
      return { ...planned, settings: { ...settings, http3, http3Elsewhere } };
    });
    const streams = plan.streams?.filter(
      ({ transport }) => transport === "tcp" || this.#http3 === "own",
    );
    return { ...plan, servers, ...(streams && { streams }) };
  }

  /** Alone if the supervisor does not answer. */
  async #gather(): Promise<readonly MetricSnapshot[]> {
    const send = (id: number): void => this.answer({ type: "metrics-wanted", id });
    return (await this.#gathered.ask(send, 2 * REPORT_MS)) ?? this.#metrics.snapshot();
  }

  async #reload(): Promise<ReloadOutcome> {
    const send = (id: number): void => this.answer({ type: "reload-wanted", id });
    const outcome = await this.#reloads.ask(send, RELOAD_MS);
    return outcome ?? { ok: false, problem: "the reload did not end in time: see the error log" };
  }

  async #try(act: () => Promise<void>, fatal = false): Promise<void> {
    try {
      await act();
    } catch (error) {
      const { code } = error as { code?: unknown };
      const known = typeof code === "string" ? { code } : {};
      this.answer({ type: "refused", message: messageOf(error), ...known });
      if (fatal) this.#end(1);
    }
  }

  #end(code: number): void {
    this.#store.close();
    void this.#workload.close().finally(() => this.#leave(code));
  }

  #leave(code: number): void {
    // What is written to the channel leaves before it closes.
    if (process.connected) process.disconnect?.();
    this.#exit(code);
  }
}
