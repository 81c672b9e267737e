import type { AbiName, Payload } from "./abi/abi.ts";
import { SandboxBuilder } from "./builder.ts";
import { fromErrorData } from "./error-data.ts";
import { GuestError } from "./errors.ts";
import type { Executor } from "./executor/executor.ts";
import type { GuestOutcome } from "./guest/guest-call.ts";
import { keptOutput } from "./guest/kept-output.ts";
import type { LogLine } from "./guest/guest-host.ts";
import type { GuestFacts } from "./http/guest-caller.ts";
import type { AuditEntry } from "./host/audit-log.ts";
import { AuditLog } from "./host/audit-log.ts";
import type { SandboxLimits } from "./policy.ts";

/** How bytes of a guest are shown: parsed as JSON, as text, or as they are. */
export type OutputForm = "json" | "text" | "bytes";

export interface CallOptions {
  /** What the output is. Default: what the input was, and JSON for none. */
  readonly as?: OutputForm;
}

/** What a guest did in one call. */
export interface AuditReport {
  /** Every host call, in order. */
  readonly auditLog: readonly AuditEntry[];
  /** Those that were denied. */
  readonly violations: readonly AuditEntry[];
  /** Bytes of memory the instance had at the end. */
  readonly memoryUsed: number;
  /** How long the guest ran, in milliseconds, without waiting for its host. */
  readonly cpuMs: number;
}

export interface AuditedCall<T> extends AuditReport {
  readonly output: T;
}

/** What a sandbox is made of. The builder gathers it. */
export interface SandboxParts {
  readonly id: string;
  readonly abi: AbiName;
  readonly facts: GuestFacts;
  readonly limits: SandboxLimits;
  readonly executor: Executor;
  readonly onLog: ((line: LogLine, id: string) => void) | undefined;
  readonly onAudit: ((entries: readonly AuditEntry[], id: string) => void) | undefined;
}

/** The session of a sandbox that keeps its state. */
const KEPT = 1;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Runs WebAssembly that is not trusted, with bounds on its time, its memory and what it may do. Calls run one after
 * the other; a `SandboxPool` runs several at a time.
 *
 * @example
 * ```ts
 * import { WasmSandbox } from "sluice/sandbox";
 *
 * // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
 * const module = Uint8Array.fromHex(
 *   "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b",
 * );
 * const sandbox = await WasmSandbox.builder().source(module).build();
 * console.log(await sandbox.call("add", [2, 3])); // 5
 * await sandbox.dispose();
 * ```
 */
export class WasmSandbox {
  readonly id: string;
  readonly abi: AbiName;
  /** What the module imports and exports. */
  readonly facts: GuestFacts;
  readonly limits: SandboxLimits;
  /** Counted since it was built. */
  readonly counts = { calls: 0, errors: 0, kills: 0 };
  readonly #executor: Executor;
  readonly #onLog: SandboxParts["onLog"];
  readonly #onAudit: SandboxParts["onAudit"];
  #nextSession = KEPT + 1;
  #disposed = false;

  /** Begins to describe a sandbox. */
  static builder(): SandboxBuilder {
    return new SandboxBuilder();
  }

  /** Sandboxes are made by {@link builder}. */
  constructor({ id, abi, facts, limits, executor, onLog, onAudit }: SandboxParts) {
    this.id = id;
    this.abi = abi;
    this.facts = facts;
    this.limits = limits;
    this.#executor = executor;
    this.#onLog = onLog;
    this.#onAudit = onAudit;
  }

  /**
   * Calls the guest.
   * @param entry the name of an export, or what its ABI has instead
   * @param input bytes as they are, a string as UTF-8, anything else as JSON; undefined for none
   * @returns the output: bytes for bytes, a string for a string, else parsed JSON; see {@link CallOptions.as}
   * @throws (rejects with) one of the typed errors of the sandbox
   */
  async call<T = unknown>(entry: string, input?: unknown, options?: CallOptions): Promise<T> {
    const log = this.#onAudit === undefined ? undefined : new AuditLog();
    const running = this.#start(entry, this.#encode(input), this.#session, log);
    const outcome = this.#finish(running instanceof Promise ? await running : running, log);
    if (outcome.error !== undefined) throw fromErrorData(outcome.error);
    const form = options?.as ?? formOf(input);
    // What is not bytes is a copy by being read.
    return decode(form === "bytes" ? this.#kept(outcome).output : outcome.output, form) as T;
  }

  /** Like {@link call}, and tells what the guest did. An error it rejects with has the report as `audit`. */
  async callWithAudit<T = unknown>(
    entry: string,
    input?: unknown,
    options?: CallOptions,
  ): Promise<AuditedCall<T>> {
    const audit = new AuditLog();
    const outcome = await this.#run(entry, this.#encode(input), this.#session, audit);
    const report = reportOf(outcome, audit);
    if (outcome.error !== undefined) {
      throw Object.assign(fromErrorData(outcome.error), { audit: report });
    }
    return { ...report, output: decode(outcome.output, options?.as ?? formOf(input)) as T };
  }

  /** A call in the terms of the ABI itself: payloads go in and come out as the ABI defines them. */
  async exchange(entry: string, input: Payload): Promise<Payload> {
    const log = this.#onAudit === undefined ? undefined : new AuditLog();
    const running = this.#start(entry, input, this.#session, log);
    const outcome = this.#finish(running instanceof Promise ? await running : running, log);
    if (outcome.error !== undefined) throw fromErrorData(outcome.error);
    return this.#kept(outcome).output;
  }

  /**
   * An instance of its own that keeps its memory from call to call, such as for a connection. It is made with the
   * first call and dropped by `close()`; after a trap the next call begins with a new one.
   */
  session(): SandboxSession {
    const session = this.#nextSession++;
    return new SandboxSession({
      run: (entry, input, audit) => this.#run(entry, input, session, audit),
      encode: (input) => this.#encode(input),
      close: () => {
        if (!this.#disposed) this.#executor.closeSession(session);
      },
    });
  }

  /** Bytes of memory its instances have now. */
  async memoryUsage(): Promise<number> {
    return this.#disposed ? 0 : this.#executor.memoryBytes();
  }

  /** Frees everything. Calls that come later are refused. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#executor.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  get #session(): number {
    return this.limits.state === "keep" ? KEPT : 0;
  }

  async #run(
    entry: string,
    input: Payload,
    session: number,
    audit: AuditLog | undefined,
  ): Promise<GuestOutcome> {
    const log = audit ?? (this.#onAudit === undefined ? undefined : new AuditLog());
    const running = this.#start(entry, input, session, log);
    return this.#kept(this.#finish(running instanceof Promise ? await running : running, log));
  }

  /** Bytes that were lent are copied: whoever called may keep them, and call again. */
  #kept(outcome: GuestOutcome): GuestOutcome {
    if (!this.#executor.lends) return outcome;
    return { ...outcome, output: keptOutput(outcome.output) };
  }

  /** @returns a promise only where the guest does not run on this thread: to wait for nothing costs time, too */
  #start(
    entry: string,
    input: Payload,
    session: number,
    log: AuditLog | undefined,
  ): Promise<GuestOutcome> | GuestOutcome {
    if (this.#disposed) throw new Error(`the sandbox ${this.id} was disposed of`);
    const { limits } = this;
    this.counts.calls++;
    return this.#executor.run(
      {
        entry,
        input,
        session,
        cpuMs: limits.cpuTimeout,
        callMs: limits.callTimeout,
        deadline: performance.now() + limits.callTimeout,
        audited: log !== undefined,
      },
      log,
    );
  }

  #finish(given: GuestOutcome, log: AuditLog | undefined): GuestOutcome {
    const { counts } = this;
    const isTold = given.lines.length > 0 || log !== undefined;
    // Who is told of it may call the guest again.
    const outcome = isTold ? this.#kept(given) : given;
    if (outcome.error !== undefined) counts.errors++;
    if (outcome.killed) counts.kills++;
    if (this.#onLog !== undefined) for (const line of outcome.lines) this.#onLog(line, this.id);
    if (this.#onAudit !== undefined && log !== undefined) {
      this.#onAudit(log.finish(outcome.audit), this.id);
    }
    return outcome;
  }

  #encode(input: unknown): Payload {
    const bytes = encodeInput(input);
    const { maxInput } = this.limits;
    if (bytes.byteLength > maxInput) {
      throw new RangeError(`the input has ${bytes.byteLength} bytes; maxInput allows ${maxInput}`);
    }
    return bytes;
  }
}

interface SessionParts {
  run(entry: string, input: Payload, audit: AuditLog | undefined): Promise<GuestOutcome>;
  encode(input: unknown): Payload;
  close(): void;
}

/** One instance, kept over its calls. */
export class SandboxSession {
  readonly #parts: SessionParts;
  #closed = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** As {@link WasmSandbox.call}. */
  async call<T = unknown>(entry: string, input?: unknown, options?: CallOptions): Promise<T> {
    const output = await this.exchange(entry, this.#parts.encode(input));
    return decode(output, options?.as ?? formOf(input)) as T;
  }

  /** As {@link WasmSandbox.exchange}. */
  async exchange(entry: string, input: Payload): Promise<Payload> {
    if (this.#closed) throw new Error("the session is closed");
    const outcome = await this.#parts.run(entry, input, undefined);
    if (outcome.error !== undefined) throw fromErrorData(outcome.error);
    return outcome.output;
  }

  /** Drops the instance. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.close();
  }
}

function reportOf(outcome: GuestOutcome, audit: AuditLog): AuditReport {
  const auditLog = audit.finish(outcome.audit);
  return {
    auditLog,
    violations: auditLog.filter((entry) => entry.outcome === "denied"),
    memoryUsed: outcome.memoryBytes,
    cpuMs: outcome.ranMs,
  };
}

function formOf(input: unknown): OutputForm {
  if (typeof input === "string") return "text";
  return input instanceof Uint8Array ? "bytes" : "json";
}

/** Input as bytes. */
export function encodeInput(input: unknown): Uint8Array {
  if (input instanceof Uint8Array) return input;
  if (input === undefined) return new Uint8Array();
  return encoder.encode(typeof input === "string" ? input : JSON.stringify(input));
}

function decode(output: Payload, form: OutputForm): unknown {
  if (!(output instanceof Uint8Array)) return output;
  if (form === "bytes") return output;
  const text = decoder.decode(output);
  if (form === "text") return text;
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new GuestError(
      'the guest\'s answer is not JSON; ask for it with { as: "text" } or "bytes"',
    );
  }
}
