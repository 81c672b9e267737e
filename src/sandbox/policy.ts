import type { ExecutorKind } from "./executor/executor.ts";
import { KiB, MiB } from "./sizes.ts";

/** The bounds of a sandbox. Times are milliseconds, sizes bytes. */
export interface SandboxLimits {
  readonly executor: ExecutorKind;
  /** Memory of one instance. */
  readonly memoryLimit: number;
  /** How long the guest may have a processor in one call; at most five times as much passes, without waiting for its host. */
  readonly cpuTimeout: number;
  /** How long a call may take in all: waiting for its turn, running, host calls. */
  readonly callTimeout: number;
  /** What a guest may leave behind for its next call: nothing, or all of its memory. */
  readonly state: "reset" | "keep";
  /** Bytes of input and of output. */
  readonly maxInput: number;
  readonly maxOutput: number;
  /** Host calls in one call. */
  readonly maxHostCalls: number;
  /** Bytes of a module, before it is instrumented. */
  readonly maxModule: number;
  /** The key-value store: its keys, and the bytes of keys and values. */
  readonly maxKeys: number;
  readonly maxStoreBytes: number;
}

/**
 * Sets of bounds for common uses. All of them allow nothing of the world: network, files and variables come by
 * `.allow(…)` alone. Every bound can be set otherwise by the builder.
 *
 * | | `strict` | `webService` | `webSocket` | `paranoid` |
 * | --- | --- | --- | --- | --- |
 * | executor | worker | worker | worker | process |
 * | memory | 32 MiB | 128 MiB | 32 MiB | 32 MiB |
 * | cpuTimeout | 100 ms | 2 s | 250 ms | 100 ms |
 * | callTimeout | 1 s | 30 s | 5 s | 1 s |
 * | state between calls | reset | reset | keep | reset |
 * | input, output | 1 MiB | 16 MiB | 1 MiB | 1 MiB |
 * | host calls a call | 1,000 | 10,000 | 1,000 | 100 |
 * | module | 4 MiB | 16 MiB | 8 MiB | 4 MiB |
 * | key-value store | 10,000 keys, 4 MiB | 100,000 keys, 32 MiB | 1,000 keys, 1 MiB | 1,000 keys, 1 MiB |
 *
 * @example
 * ```ts
 * import { SecurityPolicy } from "sluice/sandbox";
 *
 * console.log(SecurityPolicy.strict().limits.cpuTimeout); // 100
 * ```
 */
export class SecurityPolicy {
  readonly name: string;
  readonly limits: SandboxLimits;

  private constructor(name: string, limits: SandboxLimits) {
    this.name = name;
    this.limits = limits;
  }

  /** For code of others that answers at once: the default. */
  static strict(): SecurityPolicy {
    return new SecurityPolicy("strict", STRICT);
  }

  /** For whole services with memory and time to work. */
  static webService(): SecurityPolicy {
    return new SecurityPolicy("webService", {
      ...STRICT,
      memoryLimit: 128 * MiB,
      cpuTimeout: 2_000,
      callTimeout: 30_000,
      maxInput: 16 * MiB,
      maxOutput: 16 * MiB,
      maxHostCalls: 10_000,
      maxModule: 16 * MiB,
      maxKeys: 100_000,
      maxStoreBytes: 32 * MiB,
    });
  }

  /** For an instance that keeps its memory over the messages of one connection. */
  static webSocket(): SecurityPolicy {
    return new SecurityPolicy("webSocket", {
      ...STRICT,
      cpuTimeout: 250,
      callTimeout: 5_000,
      state: "keep",
      maxModule: 8 * MiB,
      maxKeys: 1_000,
      maxStoreBytes: 1 * MiB,
    });
  }

  /** For code that may attack the engine itself: in a process of its own, which is killed. */
  static paranoid(): SecurityPolicy {
    return new SecurityPolicy("paranoid", {
      ...STRICT,
      executor: "process",
      maxHostCalls: 100,
      maxKeys: 1_000,
      maxStoreBytes: 1024 * KiB,
    });
  }

  /** @throws RangeError for a name that is none */
  static named(name: string): SecurityPolicy {
    switch (name) {
      case "strict":
        return SecurityPolicy.strict();
      case "webService":
        return SecurityPolicy.webService();
      case "webSocket":
        return SecurityPolicy.webSocket();
      case "paranoid":
        return SecurityPolicy.paranoid();
      default:
        throw new RangeError(
          `${JSON.stringify(name)} is no policy: use strict, webService, webSocket or paranoid`,
        );
    }
  }
}

const STRICT: SandboxLimits = {
  executor: "worker",
  memoryLimit: 32 * MiB,
  cpuTimeout: 100,
  callTimeout: 1_000,
  state: "reset",
  maxInput: 1 * MiB,
  maxOutput: 1 * MiB,
  maxHostCalls: 1_000,
  maxModule: 4 * MiB,
  maxKeys: 10_000,
  maxStoreBytes: 4 * MiB,
};
