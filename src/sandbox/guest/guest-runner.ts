import type { Payload } from "../abi/abi.ts";
import { abiByName } from "../abi/abis.ts";
import { toErrorData } from "../error-data.ts";
import { GuestError, SandboxTimeout, type SandboxError } from "../errors.ts";
import { classifyError } from "./classify-error.ts";
import type { GuestCall, GuestOutcome } from "./guest-call.ts";
import { GuestHost } from "./guest-host.ts";
import { GuestInstance } from "./guest-instance.ts";
import type { GuestSpec } from "./guest-spec.ts";
import type { HostLink } from "./host-link.ts";
import type { Supervision } from "./supervision.ts";

/** Instances without a session that are kept for the next call. */
const MAX_FREE = 1;

/** The guests of one sandbox where they run: on the server's thread, on another, or in a process. */
export class GuestRunner {
  readonly #module: WebAssembly.Module;
  readonly #spec: GuestSpec;
  readonly #supervision: Supervision;
  readonly #host: GuestHost;
  readonly #discarded: (bytes: number) => void;
  readonly #free: GuestInstance[] = [];
  readonly #sessions = new Map<number, GuestInstance>();

  /** @param discarded told how much memory an instance had that is used no more */
  constructor(
    module: WebAssembly.Module,
    spec: GuestSpec,
    link: HostLink,
    supervision: Supervision,
    discarded: (bytes: number) => void,
  ) {
    this.#module = module;
    this.#spec = spec;
    this.#supervision = supervision;
    this.#host = new GuestHost(spec, link, supervision);
    this.#discarded = discarded;
  }

  /** Bytes of memory of all instances. */
  get memoryBytes(): number {
    let sum = 0;
    for (const instance of this.#free) sum += instance.memoryBytes;
    for (const instance of this.#sessions.values()) sum += instance.memoryBytes;
    return sum;
  }

  run(call: GuestCall): GuestOutcome {
    const host = this.#host;
    const supervision = this.#supervision;
    host.begin(call.audited);
    supervision.begin(call.cpuMs, call.deadline);
    let instance: GuestInstance | undefined;
    let output: Payload;
    let error: SandboxError | undefined;
    try {
      instance = this.#take(call.session);
      if (!instance.started) instance.start(call.session === 0);
      output = instance.call(call.entry, call.input);
      if (output instanceof Uint8Array && output.byteLength > this.#spec.maxOutputBytes) {
        output = undefined;
        error = new GuestError(
          `the guest's answer is longer than ${this.#spec.maxOutputBytes} bytes`,
          "outputLimit",
        );
      }
    } catch (thrown) {
      error = this.#explain(thrown, instance);
    }
    const bound = supervision.end();
    // One that ended in time after all has an answer, and nobody stopped it.
    const killed = bound !== undefined && error !== undefined;
    if (killed) {
      error = new SandboxTimeout(bound, bound === "cpuTimeout" ? call.cpuMs : call.callMs);
    }
    const memoryBytes = instance?.memoryBytes ?? 0;
    host.end();
    const outcome: GuestOutcome = {
      output,
      error: error === undefined ? undefined : toErrorData(error),
      ranMs: supervision.ranMs,
      memoryBytes,
      lines: host.lines,
      audit: host.audit === undefined ? [] : host.audit.finish(),
      killed,
    };
    if (instance !== undefined) this.#give(instance, error);
    return outcome;
  }

  closeSession(session: number): void {
    const instance = this.#sessions.get(session);
    if (instance === undefined) return;
    this.#sessions.delete(session);
    this.#discarded(instance.memoryBytes);
  }

  /** Drops every instance. */
  dispose(): void {
    this.#discarded(this.memoryBytes);
    this.#free.length = 0;
    this.#sessions.clear();
  }

  #take(session: number): GuestInstance {
    const kept = session === 0 ? this.#free.pop() : this.#sessions.get(session);
    if (kept !== undefined) return kept;
    const abi = abiByName(this.#spec.abi);
    const { cell } = this.#supervision;
    const instance = new GuestInstance(this.#module, this.#spec, abi, this.#host, cell);
    instance.session = session;
    if (session !== 0) this.#sessions.set(session, instance);
    return instance;
  }

  #explain(thrown: unknown, instance: GuestInstance | undefined): SandboxError {
    const wantedMemory = instance?.wantedMemory ?? false;
    return classifyError(thrown, this.#spec.memoryLimit, wantedMemory);
  }

  /** What becomes of an instance after a call. */
  #give(instance: GuestInstance, error: SandboxError | undefined): void {
    // A guest that said itself that it failed is as it should be; any other end was in the middle of something.
    const sound = error === undefined || error instanceof GuestError;
    if (instance.session !== 0) {
      if (!sound) this.closeSession(instance.session);
      return;
    }
    if (sound && this.#free.length < MAX_FREE && instance.reset()) this.#free.push(instance);
    else this.#discarded(instance.memoryBytes);
  }
}
