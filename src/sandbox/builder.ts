import { parseDuration } from "../internal/parse-duration.ts";
import { parseSize } from "../internal/parse-size.ts";
import type { AbiName, LogLevel } from "./abi/abi.ts";
import type { Capability } from "./capability.ts";
import type { ExecutorKind } from "./executor/executor.ts";
import type { LogLine } from "./guest/guest-host.ts";
import type { AuditEntry } from "./host/audit-log.ts";
import type { ModuleSource } from "./load-module.ts";
import type { SandboxLimits } from "./policy.ts";
import { SecurityPolicy } from "./policy.ts";
import type { SandboxSettings } from "./prepare.ts";
import { prepare } from "./prepare.ts";
import type { WasmSandbox } from "./sandbox.ts";

let unnamed = 0;

/**
 * Says what a sandbox is to be, and builds it. Every method gives the builder back; `build()` checks it all.
 * Durations are `"30s"` or milliseconds, sizes `"64MiB"` or bytes.
 */
export class SandboxBuilder {
  #source: ModuleSource | undefined;
  #limits: SandboxLimits = SecurityPolicy.strict().limits;
  readonly #overrides: { -readonly [K in keyof SandboxLimits]?: SandboxLimits[K] } = {};
  readonly #capabilities: Capability[] = [];
  #id: string | undefined;
  #abi: AbiName | undefined;
  #config: Readonly<Record<string, string>> = {};
  #networkIsolation = false;
  #filesystemIsolation = false;
  #logLevel: LogLevel = "info";
  #onLog: SandboxSettings["onLog"];
  #onAudit: SandboxSettings["onAudit"];

  /** The module: a path, a `file:`, `http:` or `https:` URL, bytes, or what `loadModule` gave. */
  source(source: ModuleSource): this {
    this.#source = source;
    return this;
  }

  /** A set of bounds; those that are set one by one hold over it. Default: `SecurityPolicy.strict()`. */
  policy(policy: SecurityPolicy): this {
    if (!(policy instanceof SecurityPolicy)) {
      throw new TypeError("policy(…) takes SecurityPolicy.strict(), or another one of its kind");
    }
    this.#limits = policy.limits;
    return this;
  }

  /** Memory of one instance, in whole pages of 64 KiB, rounded down. */
  memoryLimit(size: number | string): this {
    return this.#set("memoryLimit", parseSize(size));
  }

  /**
   * How long the guest may run in one call; waiting for its host does not count. It is the time it has a processor,
   * and at most five times as much by the clock on the wall.
   */
  cpuTimeout(duration: number | string): this {
    return this.#set("cpuTimeout", parseDuration(duration));
  }

  /** How long a call may take in all, its turn and its host calls included. */
  callTimeout(duration: number | string): this {
    return this.#set("callTimeout", parseDuration(duration));
  }

  /** Where the guest runs: on the server's thread (at most 10 ms at a time), on others, or in a process. */
  executor(kind: ExecutorKind): this {
    return this.#set("executor", kind);
  }

  /** What a call may leave for the next: `"reset"`, nothing; `"keep"`, its memory. For one owner alone. */
  state(state: "reset" | "keep"): this {
    return this.#set("state", state);
  }

  /** Bytes of input that a call takes. */
  maxInput(size: number | string): this {
    return this.#set("maxInput", parseSize(size));
  }

  /** Bytes of output that a guest may give. */
  maxOutput(size: number | string): this {
    return this.#set("maxOutput", parseSize(size));
  }

  /** Host calls that a guest may make in one call. */
  maxHostCalls(count: number): this {
    return this.#set("maxHostCalls", count);
  }

  /** Allows one thing. Without any, there is no network, no file and no variable. */
  allow(capability: Capability): this {
    this.#capabilities.push(capability);
    return this;
  }

  /** Values that the guest can ask for by name, as its ABI has it. */
  config(values: Readonly<Record<string, string>>): this {
    this.#config = values;
    return this;
  }

  /** A name, for audit, logs and messages. */
  instanceId(id: string): this {
    this.#id = id;
    return this;
  }

  /** Refuses to build with a capability of the network, whoever added it. */
  networkIsolation(on: boolean): this {
    this.#networkIsolation = on;
    return this;
  }

  /** Refuses to build with a capability of files, whoever added it. */
  filesystemIsolation(on: boolean): this {
    this.#filesystemIsolation = on;
    return this;
  }

  /** The ABI the module was written for. Default: told by what it imports. */
  abi(name: AbiName): this {
    this.#abi = name;
    return this;
  }

  /** Takes the guest's log, from a level on (default `info`); at most 200 lines a call. Without it, none is kept. */
  onLog(take: (line: LogLine, id: string) => void, level: LogLevel = "info"): this {
    this.#onLog = take;
    this.#logLevel = level;
    return this;
  }

  /** Takes the host calls of every call, after it. */
  onAudit(take: (entries: readonly AuditEntry[], id: string) => void): this {
    this.#onAudit = take;
    return this;
  }

  /**
   * Loads the module and makes the sandbox.
   * @throws InvalidModule when the module is not taken, RangeError when the settings contradict each other
   */
  async build(): Promise<WasmSandbox> {
    return (await prepare(this.settings())).create();
  }

  /** All of it, checked. @throws RangeError */
  settings(): SandboxSettings {
    const source = this.#source;
    if (source === undefined) throw new RangeError("a sandbox needs a module: call .source(…)");
    const limits: SandboxLimits = { ...this.#limits, ...this.#overrides };
    checkLimits(limits, this.#overrides.cpuTimeout !== undefined);
    const env: [string, string][] = [];
    const files: (readonly [string, string])[] = [];
    let network: SandboxSettings["network"];
    for (const capability of this.#capabilities) {
      if (capability.kind === "env") env.push(...Object.entries(capability.variables));
      else if (capability.kind === "files") files.push(...capability.preopens);
      else if (network === undefined) network = capability.rules;
      else throw new RangeError("two network capabilities: name all hosts and ports in one");
    }
    if (network !== undefined && this.#networkIsolation) {
      throw new RangeError("networkIsolation(true) forbids the network capability");
    }
    if (files.length > 0 && this.#filesystemIsolation) {
      throw new RangeError("filesystemIsolation(true) forbids the files capability");
    }
    if (network !== undefined && limits.executor === "inline") {
      throw new RangeError(
        "a guest that runs inline cannot wait for the network: use the executor worker",
      );
    }
    if (new Set(files.map(([guestPath]) => guestPath)).size < files.length) {
      throw new RangeError("a directory of the guest is given twice");
    }
    return {
      source,
      limits: limits.executor === "inline" ? inlineLimits(limits) : limits,
      id: this.#id ?? `sandbox-${++unnamed}`,
      abi: this.#abi,
      network,
      env,
      files,
      config: Object.entries(this.#config),
      logLevel: this.#onLog === undefined ? "off" : this.#logLevel,
      onLog: this.#onLog,
      onAudit: this.#onAudit,
    };
  }

  #set<K extends keyof SandboxLimits>(name: K, value: SandboxLimits[K]): this {
    this.#overrides[name] = value;
    return this;
  }
}

/** The longest a guest may hold the server's own thread, in milliseconds. */
const INLINE_MS = 10;
const EXECUTORS: readonly ExecutorKind[] = ["inline", "worker", "process"];
/** A page of WebAssembly. */
const PAGE = 65_536;
const MOST_MEMORY = 4 * 1024 * 1024 * 1024;

function checkLimits(limits: SandboxLimits, ownCpuTimeout: boolean): void {
  const { executor, memoryLimit, cpuTimeout, callTimeout, maxHostCalls } = limits;
  if (!EXECUTORS.includes(executor)) {
    throw new RangeError(
      `${JSON.stringify(executor)} is no executor: use one of ${EXECUTORS.join(", ")}`,
    );
  }
  if (!(memoryLimit >= PAGE && memoryLimit <= MOST_MEMORY)) {
    throw new RangeError("memoryLimit is between 64 KiB (one page) and 4 GiB");
  }
  if (!(cpuTimeout > 0) || !(callTimeout > 0)) {
    throw new RangeError(
      "cpuTimeout and callTimeout are above 0: a guest without a limit could not be stopped",
    );
  }
  if (executor === "inline" && ownCpuTimeout && cpuTimeout > INLINE_MS) {
    throw new RangeError(
      `inline holds the whole server: cpuTimeout is at most ${INLINE_MS} ms there; use the executor worker for more`,
    );
  }
  if (!Number.isInteger(maxHostCalls) || maxHostCalls < 0) {
    throw new RangeError("maxHostCalls is a whole number");
  }
}

/** A policy's time is for a thread that nobody waits for. */
function inlineLimits(limits: SandboxLimits): SandboxLimits {
  return { ...limits, cpuTimeout: Math.min(limits.cpuTimeout, INLINE_MS) };
}
