import type { Store } from "../../store/store.ts";
import { StoreService } from "../../store/store-service.ts";
import type { MetricSnapshot } from "../../telemetry/metrics/registry.ts";
import type { ReloadOutcome } from "../lifecycle/reloader.ts";
import { systemdVariables } from "../lifecycle/systemd.ts";
import type { ServerAddress } from "../serve.ts";
import type { Answer, Assignment, Http3Role, Order } from "./messages.ts";
import { WORKER_VARIABLE } from "./is-worker.ts";
import { FIRST_DESCRIPTOR, REPORT_MS } from "./messages.ts";
import { Pending } from "./pending.ts";

/** The longest a worker may take for an order; one that hangs is as good as dead. */
const ANSWER_MS = 30_000;

export interface WorkerProcessOptions {
  /** For the process list. */
  readonly id: number;
  readonly command: readonly string[];
  readonly assignment: Assignment;
  readonly store: Store;
  exited(worker: WorkerProcess): void;
  /** The metrics of the whole group. */
  gatherMetrics(): Promise<readonly MetricSnapshot[]>;
  /** Has the whole group reload. */
  reload(): Promise<ReloadOutcome>;
}

interface Expected {
  readonly type: Answer["type"];
  resolve(answer: Answer): void;
  reject(error: Error): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** One worker as its supervisor sees it. */
export class WorkerProcess {
  readonly id: number;
  readonly http3: Http3Role;
  readonly startedAt = performance.now();
  /** Resolves once it is gone. */
  readonly gone: Promise<void>;
  state: "starting" | "ready" | "leaving" | "gone" = "starting";
  addresses: readonly ServerAddress[] = [];
  warnings: readonly string[] = [];
  /** How it ended: `exit code 1`, `SIGKILL`. */
  end = "";
  readonly #child: Bun.Subprocess<"inherit", "inherit", "inherit">;
  readonly #assignment: Assignment;
  readonly #store: StoreService;
  readonly #gatherMetrics: WorkerProcessOptions["gatherMetrics"];
  readonly #reload: WorkerProcessOptions["reload"];
  readonly #reports = new Pending<readonly MetricSnapshot[]>();
  #expected: Expected | undefined;
  #refusal: string | undefined;

  constructor(options: WorkerProcessOptions) {
    const { id, command, assignment, store } = options;
    this.id = id;
    this.http3 = assignment.http3;
    this.#assignment = assignment;
    this.#gatherMetrics = options.gatherMetrics;
    this.#reload = options.reload;
    this.#store = new StoreService(store, (reply) => this.order(reply));
    const env: Record<string, string | undefined> = { ...process.env };
    for (const name of systemdVariables) delete env[name];
    env[WORKER_VARIABLE] = String(id);
    const descriptors = assignment.sockets.map(({ fd }) => fd);
    let gone: () => void;
    this.gone = new Promise((resolve) => (gone = resolve));
    this.#child = Bun.spawn([...command], {
      stdio: ["inherit", "inherit", "inherit", ...descriptors],
      env,
      ipc: (answer: Answer) => this.#receive(answer),
      onExit: (_, code, signal) => {
        this.end = signal === null ? `exit code ${code}` : String(signal);
        this.state = "gone";
        this.#store.close();
        this.#reports.end();
        const why = this.#refusal ?? `the worker ended with ${this.end}`;
        this.#settle((expected) => expected.reject(new Error(why)));
        gone();
        options.exited(this);
      },
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Waits until it serves. @throws an error with what it said, and its `code`, when it cannot */
  async started(): Promise<void> {
    await this.#expect("hello");
    const { http3, source, sockets } = this.#assignment;
    const own = sockets.map((socket, index) => ({ ...socket, fd: FIRST_DESCRIPTOR + index }));
    this.order({ type: "start", source, http3, sockets: own });
    const answer = await this.#expect("started");
    if (answer.type === "started") {
      this.addresses = answer.addresses;
      this.warnings = answer.warnings;
    }
    if (this.state === "starting") this.state = "ready";
  }

  async prepare(source: unknown): Promise<void> {
    this.order({ type: "prepare", source });
    await this.#expect("prepared");
  }

  async commit(): Promise<void> {
    this.order({ type: "commit" });
    await this.#expect("committed");
  }

  /** What it has counted; nothing when it does not answer in time. */
  async metrics(): Promise<readonly MetricSnapshot[]> {
    const send = (id: number): void => this.order({ type: "report-metrics", id });
    return (await this.#reports.ask(send, REPORT_MS)) ?? [];
  }

  order(order: Order): void {
    if (this.state === "gone") return;
    try {
      this.#child.send(order);
    } catch {
      // It is going; `exited` will say so.
    }
  }

  /** Lets it finish what it has, for at most `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    if (this.state === "gone") return;
    this.state = "leaving";
    this.order({ type: "drain" });
    const timer = setTimeout(() => this.kill(), deadlineMs);
    await this.gone;
    clearTimeout(timer);
  }

  kill(): void {
    if (this.state === "gone") return;
    this.state = "leaving";
    this.#child.kill("SIGKILL");
  }

  #receive(answer: Answer): void {
    if (answer.type === "store") {
      void this.#store.receive(answer);
      return;
    }
    if (answer.type === "metrics-report") {
      this.#reports.answer(answer.id, answer.metrics);
      return;
    }
    if (answer.type === "metrics-wanted") {
      const { id } = answer;
      void this.#gatherMetrics().then((all) => this.order({ type: "metrics", id, all }));
      return;
    }
    if (answer.type === "reload-wanted") {
      const { id } = answer;
      void this.#reload().then((outcome) => this.order({ type: "reload-outcome", id, outcome }));
      return;
    }
    if (answer.type === "refused") {
      const { message, code } = answer;
      this.#refusal = message;
      this.#settle(({ reject }) => reject(Object.assign(new Error(message), code && { code })));
      return;
    }
    if (this.#expected?.type === answer.type) this.#settle(({ resolve }) => resolve(answer));
  }

  #expect(type: Answer["type"]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.state === "gone") {
        reject(new Error(`the worker ended with ${this.end}`));
        return;
      }
      const timer = setTimeout(() => {
        this.#settle((expected) =>
          expected.reject(new Error(`the worker did not answer within ${ANSWER_MS / 1000} s`)),
        );
        this.kill();
      }, ANSWER_MS);
      this.#expected = { type, resolve, reject, timer };
    });
  }

  #settle(how: (expected: Expected) => void): void {
    const expected = this.#expected;
    this.#expected = undefined;
    if (expected === undefined) return;
    clearTimeout(expected.timer);
    how(expected);
  }
}
