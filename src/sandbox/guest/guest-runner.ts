import type { TouchedPages } from "../../runtime/touched-pages.ts";
import type { Guest, Payload } from "../abi/abi.ts";
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
  readonly #pages: TouchedPages | undefined;
  readonly #free: GuestInstance[] = [];
  readonly #sessions = new Map<number, GuestInstance>();
  readonly #common: Guest["common"] = { scratch: undefined };
  /** A memory that can be used again: for a new one the engine collects garbage first, on this very thread. */
  #spare: WebAssembly.Memory | undefined;

  /**
   * @param discarded told how much memory an instance had that is used no more
   * @param pages tells what was touched of a memory, where that can be told: large ones are put back sooner
   */
  constructor(
    module: WebAssembly.Module,
    spec: GuestSpec,
    link: HostLink,
    supervision: Supervision,
    discarded: (bytes: number) => void,
    pages?: TouchedPages,
  ) {
    this.#module = module;
    this.#spec = spec;
    this.#supervision = supervision;
    this.#host = new GuestHost(spec, link, supervision);
    this.#discarded = discarded;
    this.#pages = pages;
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
    let instance: GuestInstance | undefined;
    let output: Payload;
    let error: SandboxError | undefined;
    let begun = false;
    try {
      instance = this.#take(call.session);
      // Making an instance is our own work, and takes none of the guest's time.
      begun = supervision.begin(call.cpuMs, call.deadline);
      if (!begun) throw new SandboxTimeout("callTimeout", call.callMs);
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
    const bound = begun ? supervision.end() : undefined;
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
      ranMs: begun ? supervision.ranMs : 0,
      memoryBytes,
      lines: host.lines,
      audit: host.audit === undefined ? [] : host.audit.finish(),
      killed,
    };
    // One that did not begin is as it was.
    if (instance !== undefined) this.#give(instance, begun ? error : undefined);
    return outcome;
  }

  closeSession(session: number): void {
    const instance = this.#sessions.get(session);
    if (instance === undefined) return;
    this.#sessions.delete(session);
    this.#drop(instance);
  }

  /** Drops every instance. */
  dispose(): void {
    this.#discarded(this.memoryBytes);
    this.#spare = undefined;
    this.#common.scratch = undefined;
    this.#free.length = 0;
    this.#sessions.clear();
  }

  /** An instance to call: one that is kept, put back to its beginning, or a new one. */
  #take(session: number): GuestInstance {
    const kept = session === 0 ? this.#free.pop() : this.#sessions.get(session);
    if (kept !== undefined) {
      if (session !== 0) {
        kept.forgetWants();
        return kept;
      }
      // Only now, so that an instance that is called no more has no more memory than it used.
      if (kept.reset()) return kept;
      this.#drop(kept);
    }
    const abi = abiByName(this.#spec.abi);
    const { cell } = this.#supervision;
    const instance = new GuestInstance(
      this.#module,
      this.#spec,
      abi,
      this.#host,
      this.#common,
      cell,
      this.#spare,
      this.#pages,
    );
    this.#spare = undefined;
    instance.session = session;
    if (session !== 0) this.#sessions.set(session, instance);
    return instance;
  }

  #explain(thrown: unknown, instance: GuestInstance | undefined): SandboxError {
    const wantedMemory = instance?.wantedMemory ?? false;
    return classifyError(thrown, this.#spec.memoryLimit, wantedMemory);
  }

  #drop(instance: GuestInstance): void {
    const memory = instance.giveMemory();
    if (memory !== undefined && this.#spare === undefined) this.#spare = memory;
    else this.#discarded(instance.memoryBytes);
  }

  /** What becomes of an instance after a call. */
  #give(instance: GuestInstance, error: SandboxError | undefined): void {
    // A guest that said itself that it failed is as it should be; any other end was in the middle of something.
    const sound = error === undefined || error instanceof GuestError;
    if (instance.session !== 0) {
      if (!sound) this.closeSession(instance.session);
      return;
    }
    if (sound && this.#free.length < MAX_FREE && instance.mayReset) this.#free.push(instance);
    else this.#drop(instance);
  }
}
