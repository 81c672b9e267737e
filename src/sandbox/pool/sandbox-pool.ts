import { parseDuration } from "../../internal/parse-duration.ts";
import type { AbiName, Payload } from "../abi/abi.ts";
import type { SandboxBuilder } from "../builder.ts";
import { SandboxOverload, SandboxTimeout } from "../errors.ts";
import type { GuestFacts } from "../http/guest-caller.ts";
import { prepare } from "../prepare.ts";
import type { AuditedCall, CallOptions, SandboxSession, WasmSandbox } from "../sandbox.ts";
import type { ResultCacheOptions } from "./result-cache.ts";
import { ResultCache } from "./result-cache.ts";
import { Latencies } from "./latencies.ts";

export interface SandboxPoolOptions {
  /** Sandboxes, and so calls at a time. Default 4. */
  readonly size?: number;
  /** Calls at a time, if fewer than `size`. */
  readonly concurrency?: number;
  /** Calls that may wait for a free sandbox. Default 1000; those beyond are refused at once. */
  readonly queueLimit?: number;
  /** How long a call may wait for one: `"500ms"` or milliseconds. Default `"5s"`. */
  readonly queueWait?: number | string;
  /** Keeps answers by input. For guests whose answer depends on their input alone. */
  readonly cache?: ResultCacheOptions;
}

/** What a pool has done and does. Times are milliseconds, over the last 1024 calls. */
export interface SandboxPoolMetrics {
  readonly size: number;
  /** Calls that have ended, from the cache or by a guest. */
  readonly calls: number;
  readonly errors: number;
  /** Calls that were told to stop because their time was over. */
  readonly kills: number;
  /** Calls refused because too many waited, or that waited too long. */
  readonly rejected: number;
  readonly active: number;
  readonly queue: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** The part of its sandboxes' time that was spent in calls since the last look, from 0 to 1. */
  readonly utilisation: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
}

interface Waiting {
  readonly since: number;
  go(sandbox: WasmSandbox): void;
  refuse(error: Error): void;
}

/** How often the queue is looked through for those that waited too long. */
const SWEEP_MS = 20;

/**
 * Several sandboxes of one module, each for one call at a time. They share one key-value store.
 *
 * @example
 * ```ts
 * import { SandboxPool, WasmSandbox } from "sluice/sandbox";
 *
 * const module = Uint8Array.fromHex(
 *   "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b",
 * );
 * const pool = await SandboxPool.create(WasmSandbox.builder().source(module), { size: 2 });
 * console.log(await Promise.all([pool.call("add", [1, 2]), pool.call("add", [3, 4])])); // [3, 7]
 * await pool.dispose();
 * ```
 */
export class SandboxPool {
  readonly abi: AbiName;
  readonly facts: GuestFacts;
  readonly #sandboxes: readonly WasmSandbox[];
  readonly #free: WasmSandbox[];
  readonly #concurrency: number;
  readonly #queueLimit: number;
  readonly #queueWait: number;
  readonly #cache: ResultCache | undefined;
  readonly #queue: Waiting[] = [];
  readonly #latencies = new Latencies();
  #sweep: ReturnType<typeof setInterval> | undefined;
  #active = 0;
  #calls = 0;
  #rejected = 0;
  #busyMs = 0;
  #lookedAt = performance.now();
  #disposed = false;

  /**
   * Loads the module once and makes all sandboxes.
   * @throws as `build()` does, and RangeError for options that are no numbers above 0
   */
  static async create(
    builder: SandboxBuilder,
    options: SandboxPoolOptions = {},
  ): Promise<SandboxPool> {
    const { size = 4 } = options;
    if (!Number.isInteger(size) || size < 1) throw new RangeError("size is a whole number above 0");
    const settings = builder.settings();
    if (settings.limits.state === "keep") {
      throw new RangeError(
        'state("keep") is for one owner; a pool gives each call another sandbox',
      );
    }
    const prepared = await prepare(settings);
    const making = Array.from({ length: size }, (_, i) =>
      prepared.create(`${settings.id}/${i + 1}`),
    );
    const made = await Promise.allSettled(making);
    const sandboxes = made.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const failed = made.find((one) => one.status === "rejected");
    if (failed !== undefined) {
      await Promise.all(sandboxes.map((sandbox) => sandbox.dispose()));
      throw failed.reason;
    }
    try {
      return new SandboxPool(sandboxes, options);
    } catch (error) {
      await Promise.all(sandboxes.map((sandbox) => sandbox.dispose()));
      throw error;
    }
  }

  private constructor(sandboxes: readonly WasmSandbox[], options: SandboxPoolOptions) {
    const [first] = sandboxes as [WasmSandbox];
    this.abi = first.abi;
    this.facts = first.facts;
    this.#sandboxes = sandboxes;
    this.#free = [...sandboxes];
    this.#concurrency = Math.min(options.concurrency ?? Infinity, sandboxes.length);
    this.#queueLimit = options.queueLimit ?? 1000;
    this.#queueWait = parseDuration(options.queueWait ?? "5s");
    if (!(this.#concurrency >= 1)) throw new RangeError("concurrency is a number above 0");
    if (!(this.#queueLimit >= 0)) throw new RangeError("queueLimit is a number, 0 or above");
    if (options.cache !== undefined) this.#cache = new ResultCache(options.cache);
  }

  /**
   * As `call` of a sandbox.
   * @throws (rejects with) SandboxOverload when too many wait, SandboxTimeout with `queueWait` when it waited too long
   */
  async call<T = unknown>(entry: string, input?: unknown, options?: CallOptions): Promise<T> {
    const cache = this.#cache;
    if (cache === undefined) {
      return this.#use((sandbox) => sandbox.call<T>(entry, input, options));
    }
    const begun = performance.now();
    const { value, hit } = await cache.through(entry, input, options, () =>
      this.#use((sandbox) => sandbox.call(entry, input, options)),
    );
    if (hit) this.#count(performance.now() - begun);
    return value as T;
  }

  /** As `callWithAudit` of a sandbox. Never from the cache. */
  callWithAudit<T = unknown>(
    entry: string,
    input?: unknown,
    options?: CallOptions,
  ): Promise<AuditedCall<T>> {
    return this.#use((sandbox) => sandbox.callWithAudit<T>(entry, input, options));
  }

  /** As `exchange` of a sandbox. Never from the cache. */
  exchange(entry: string, input: Payload): Promise<Payload> {
    return this.#use((sandbox) => sandbox.exchange(entry, input));
  }

  /** An instance of its own, in one sandbox after the other. It does not wait for its turn with the pool's calls. */
  session(): SandboxSession {
    const next = this.#sandboxes[this.#nextSession++ % this.#sandboxes.length] as WasmSandbox;
    return next.session();
  }
  #nextSession = 0;

  metrics(): SandboxPoolMetrics {
    const now = performance.now();
    const spent = this.#busyMs / ((now - this.#lookedAt) * this.#concurrency || 1);
    this.#busyMs = 0;
    this.#lookedAt = now;
    const sum = (of: (sandbox: WasmSandbox) => number): number =>
      this.#sandboxes.reduce((total, sandbox) => total + of(sandbox), 0);
    return {
      size: this.#sandboxes.length,
      calls: this.#calls,
      errors: sum(({ counts }) => counts.errors),
      kills: sum(({ counts }) => counts.kills),
      rejected: this.#rejected,
      active: this.#active,
      queue: this.#queue.length,
      p50: this.#latencies.quantile(0.5),
      p95: this.#latencies.quantile(0.95),
      p99: this.#latencies.quantile(0.99),
      utilisation: Math.min(spent, 1),
      cacheHits: this.#cache?.hits ?? 0,
      cacheMisses: this.#cache?.misses ?? 0,
    };
  }

  /** Bytes of memory of all instances. */
  async memoryUsage(): Promise<number> {
    const all = await Promise.all(this.#sandboxes.map((sandbox) => sandbox.memoryUsage()));
    return all.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Takes no further calls, and frees everything once those it has are answered. */
  async retire(): Promise<void> {
    this.#retired = true;
    if (this.#active > 0 || this.#queue.length > 0) {
      await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    }
    await this.dispose();
  }
  #retired = false;
  #whenIdle: (() => void) | undefined;

  /** Refuses what waits and what comes, and frees everything. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    clearInterval(this.#sweep);
    for (const waiting of this.#queue.splice(0))
      waiting.refuse(new Error("the pool was disposed of"));
    await Promise.all(this.#sandboxes.map((sandbox) => sandbox.dispose()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #use<T>(work: (sandbox: WasmSandbox) => Promise<T>): Promise<T> {
    if (this.#disposed || this.#retired) throw new Error("the pool was disposed of");
    const asked = performance.now();
    const sandbox = await this.#acquire(asked);
    const begun = performance.now();
    try {
      return await work(sandbox);
    } finally {
      const now = performance.now();
      this.#busyMs += now - begun;
      this.#count(now - asked);
      this.#release(sandbox);
    }
  }

  #acquire(asked: number): WasmSandbox | Promise<WasmSandbox> {
    if (this.#active >= this.#concurrency) return this.#wait(asked);
    this.#active++;
    return this.#free.pop() as WasmSandbox;
  }

  #wait(since: number): Promise<WasmSandbox> {
    if (this.#queue.length >= this.#queueLimit) {
      this.#rejected++;
      throw new SandboxOverload(this.#queueLimit);
    }
    this.#sweep ??= setInterval(() => this.#refuseLate(), SWEEP_MS);
    return new Promise((go, refuse) => this.#queue.push({ since, go, refuse }));
  }

  /** A call has ended: the next in the queue has its sandbox, and its place. */
  #release(sandbox: WasmSandbox): void {
    this.#refuseLate();
    const next = this.#queue.shift();
    if (next !== undefined) {
      next.go(sandbox);
      return;
    }
    this.#active--;
    this.#free.push(sandbox);
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    if (this.#active === 0) this.#whenIdle?.();
  }

  #refuseLate(): void {
    const oldest = performance.now() - this.#queueWait;
    while (this.#queue.length > 0 && (this.#queue[0] as Waiting).since < oldest) {
      this.#rejected++;
      this.#queue.shift()?.refuse(new SandboxTimeout("queueWait", this.#queueWait));
    }
  }

  #count(ms: number): void {
    this.#calls++;
    this.#latencies.add(ms);
  }
}
