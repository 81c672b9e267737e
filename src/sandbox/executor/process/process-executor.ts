import type { PlainData } from "../../abi/abi.ts";
import { toErrorData } from "../../error-data.ts";
import { SandboxTimeout, SandboxTrap } from "../../errors.ts";
import type { GuestCall, GuestOutcome } from "../../guest/guest-call.ts";
import { failedOutcome } from "../../guest/guest-call.ts";
import type { GuestSpec } from "../../guest/guest-spec.ts";
import type { HostOperation } from "../../guest/host-link.ts";
import type { AuditLog } from "../../host/audit-log.ts";
import type { HostBroker } from "../../host/host-broker.ts";
import { HostFiles } from "../../host/host-files.ts";
import { beforeDeadline } from "../before-deadline.ts";
import type { Executor } from "../executor.ts";
import { GuestProcessHandle } from "./guest-process-handle.ts";
import type { ProcessReport } from "./messages.ts";

/** How long a process may take to come up. */
const START_MS = 10_000;
/** A guest that waits for a processor gets this many times its limit by the clock on the wall. */
const WAIT_FACTOR = 2;

interface Job {
  readonly call: GuestCall;
  readonly audit: AuditLog | undefined;
  settle(outcome: GuestOutcome): void;
}

/** Runs guests in a process of the sandbox's own, which is killed when one takes too long. */
export class ProcessExecutor implements Executor {
  readonly kind = "process";
  readonly lends = false;
  readonly #bytes: Uint8Array;
  readonly #spec: GuestSpec;
  readonly #broker: HostBroker;
  readonly #files: HostFiles;
  readonly #jobs: Job[] = [];
  /** Sessions that are closed after the calls they still have. */
  readonly #closing = new Set<number>();
  #process: GuestProcessHandle | undefined;
  #ready = false;
  #running: Job | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Until the process is up. */
  #slow: ReturnType<typeof setTimeout> | undefined;
  /** Milliseconds the running guest has left, as of `#since`. */
  #cpuLeft = 0;
  #since = 0;
  /** What the clock of the process shows when its time is over. */
  #cpuEnd = 0;
  #memory: ((bytes: number) => void)[] = [];
  #disposed = false;

  /** Starts the first process. @throws when it does not come up */
  static async create(
    bytes: Uint8Array,
    spec: GuestSpec,
    broker: HostBroker,
  ): Promise<ProcessExecutor> {
    const executor = new ProcessExecutor(bytes, spec, broker);
    executor.#stayAlive();
    await executor.#started;
    return executor;
  }

  #started: Promise<void>;
  #isUp!: (error?: Error) => void;

  private constructor(bytes: Uint8Array, spec: GuestSpec, broker: HostBroker) {
    this.#bytes = bytes;
    this.#spec = { ...spec, files: spec.files.map(([guestPath]) => [guestPath, ""] as const) };
    this.#files = new HostFiles(spec.files);
    this.#broker = broker;
    this.#started = new Promise((resolve, reject) => {
      this.#isUp = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#spawn();
  }

  run(call: GuestCall, audit: AuditLog | undefined): Promise<GuestOutcome> {
    if (this.#disposed) return Promise.reject(new Error("the sandbox was disposed of"));
    return new Promise((resolve) => {
      this.#jobs.push({ call, audit, settle: resolve });
      this.#stayAlive();
      this.#next();
    });
  }

  closeSession(session: number): void {
    const isSession = (job: Job | undefined): boolean => job?.call.session === session;
    // A call that has not begun would make the instance anew: it is dropped after the last.
    if (isSession(this.#running) || this.#jobs.some(isSession)) this.#closing.add(session);
    else this.#process?.order({ type: "closeSession", session });
  }

  memoryBytes(): Promise<number> {
    const child = this.#process;
    if (child === undefined || child.isGone || this.#disposed) return Promise.resolve(0);
    return new Promise((resolve) => {
      this.#memory.push(resolve);
      this.#stayAlive();
      if (this.#running === undefined) child.order({ type: "memory" });
    });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    const child = this.#process;
    this.#stayAlive();
    child?.kill();
    this.#end(failedOutcome(new SandboxTrap("the sandbox was disposed of")));
    for (const { settle } of this.#jobs.splice(0)) {
      settle(failedOutcome(new SandboxTrap("the sandbox was disposed of")));
    }
    await child?.gone;
  }

  /** Somebody waits for the process: until it has answered, this one must not end for want of anything else to do. */
  #stayAlive(): void {
    if (this.#process !== undefined) this.#process.keepsAlive = true;
  }

  #spawn(): void {
    this.#ready = false;
    const { maxOutputBytes } = this.#spec;
    let child: GuestProcessHandle;
    try {
      child = new GuestProcessHandle(maxOutputBytes, (report) => this.#receive(child, report));
    } catch (error) {
      this.#refuseAll(`no process can be started: ${(error as Error).message}`);
      return;
    }
    this.#process = child;
    child.keepsAlive = this.#jobs.length > 0;
    this.#slow = setTimeout(() => child.kill(), START_MS);
    this.#slow.unref();
    child.order({ type: "load", bytes: this.#bytes, spec: this.#spec });
    void child.gone.then((how) => {
      if (child === this.#process) clearTimeout(this.#slow);
      this.#gone(child, how);
    });
  }

  #receive(child: GuestProcessHandle, report: ProcessReport): void {
    if (child !== this.#process || this.#disposed) return;
    switch (report.type) {
      case "ready":
        this.#ready = true;
        clearTimeout(this.#slow);
        this.#isUp();
        this.#next();
        return;
      case "result":
        this.#end(report.outcome);
        this.#next();
        return;
      case "memory":
        for (const answer of this.#memory.splice(0)) answer(Number(report.bytes) || 0);
        if (this.#running === undefined) child.keepsAlive = this.#jobs.length > 0;
        return;
      default:
        void this.#answer(child, report.operation, report.args);
    }
  }

  #next(): void {
    const child = this.#process;
    if (this.#running !== undefined || this.#disposed) return;
    if (child === undefined || child.isGone) {
      if (child === undefined && this.#jobs.length > 0) this.#spawn();
      return;
    }
    if (!this.#ready) return;
    if (this.#memory.length > 0) child.order({ type: "memory" });
    const job = this.#jobs.shift();
    child.keepsAlive = job !== undefined || this.#memory.length > 0;
    if (job === undefined) return;
    const { call } = job;
    const now = performance.now();
    if (now >= call.deadline) {
      job.settle(failedOutcome(new SandboxTimeout("callTimeout", call.callMs)));
      this.#closeAfter(job);
      this.#next();
      return;
    }
    this.#running = job;
    this.#cpuLeft = call.cpuMs;
    this.#arm(now);
    child.order({ type: "call", call });
  }

  #arm(now: number): void {
    const { call } = this.#running as Job;
    this.#since = now;
    this.#cpuEnd = (this.#process?.cpuMs() ?? Number.NaN) + this.#cpuLeft;
    const left = Math.min(this.#cpuLeft, call.deadline - now);
    this.#timer = setTimeout(this.#look, Math.max(left, 0));
  }

  /** The time is over by the clock on the wall; a process that waited for a processor has some left. */
  readonly #look = (): void => {
    const job = this.#running;
    if (job === undefined) return;
    const now = performance.now();
    const last = Math.min(this.#since + this.#cpuLeft * WAIT_FACTOR, job.call.deadline);
    const left = this.#cpuEnd - (this.#process?.cpuMs() ?? Number.NaN);
    if (now < last && left > 0.1) {
      this.#timer = setTimeout(this.#look, Math.min(left, last - now));
    } else this.#kill();
  };

  readonly #kill = (): void => {
    const job = this.#running;
    if (job === undefined) return;
    this.#process?.kill();
    const { call } = job;
    const error =
      performance.now() >= call.deadline
        ? new SandboxTimeout("callTimeout", call.callMs)
        : new SandboxTimeout("cpuTimeout", call.cpuMs);
    this.#end({ ...failedOutcome(error, true), ranMs: call.cpuMs });
  };

  /** The running call is over. */
  #end(outcome: GuestOutcome): void {
    clearTimeout(this.#timer);
    this.#files.closeAll();
    const job = this.#running;
    this.#running = undefined;
    job?.settle(outcome);
    if (job !== undefined) this.#closeAfter(job);
  }

  #closeAfter({ call: { session } }: Job): void {
    if (this.#closing.delete(session)) this.closeSession(session);
  }

  /** A process that was killed, or that ended by itself. The next one is started at once, before it is needed. */
  #gone(child: GuestProcessHandle, how: string): void {
    if (child !== this.#process || this.#disposed) return;
    for (const answer of this.#memory.splice(0)) answer(0);
    this.#process = undefined;
    if (!this.#ready) {
      this.#refuseAll(`the process of the sandbox did not come up: ${how}`);
      return;
    }
    this.#end(failedOutcome(new SandboxTrap(`the process of the guest ended: ${how}`)));
    this.#spawn();
  }

  /** There is no process, and none comes by itself; the next call tries again. */
  #refuseAll(message: string): void {
    const error = new SandboxTrap(message);
    this.#isUp(error);
    this.#closing.clear();
    for (const { settle } of this.#jobs.splice(0)) settle(failedOutcome(error));
  }

  async #answer(
    child: GuestProcessHandle,
    operation: HostOperation,
    args: readonly PlainData[],
  ): Promise<void> {
    const job = this.#running;
    if (job === undefined) {
      // It asks though nothing runs: it is not what we started.
      child.kill();
      return;
    }
    // The guest waits for us; its own time stands still, the call's does not.
    clearTimeout(this.#timer);
    this.#cpuLeft -= performance.now() - this.#since;
    this.#timer = setTimeout(this.#kill, Math.max(job.call.deadline - performance.now(), 0));
    const still = (): boolean => this.#running === job && !child.isGone;
    try {
      const checked = beforeDeadline(operation, args, job.call.deadline);
      const answer = this.#broker.handle(operation, checked, job.audit, this.#files);
      const value = answer instanceof Promise ? await answer : answer;
      if (still()) child.order({ type: "answer", answer: { value } });
    } catch (error) {
      if (still()) child.order({ type: "answer", answer: { error: toErrorData(error) } });
    }
    if (!still()) return;
    clearTimeout(this.#timer);
    this.#arm(performance.now());
  }
}
