/** Which bound of a sandbox was hit. */
export type SandboxBound =
  | "cpuTimeout"
  | "callTimeout"
  | "queueWait"
  | "queueLimit"
  | "memoryLimit"
  | "moduleLimits"
  | "stack"
  | "outputLimit";

/** What every error of a sandbox has. Recognise one by its class, or by `code` when it crossed a boundary. */
export class SandboxError extends Error {
  /** The name of its class, written out: the one a minifier gives to a class tells nothing. */
  override readonly name: string = "SandboxError";
  /** Stable and machine-readable, such as `sandbox_timeout`. */
  readonly code: string;
  /** The bound that was hit, if it was one. */
  readonly bound: SandboxBound | undefined;

  constructor(code: string, message: string, bound?: SandboxBound) {
    super(message);
    this.code = code;
    this.bound = bound;
  }
}

/** A call took longer than it may: `bound` is `cpuTimeout`, `callTimeout` or `queueWait`. */
export class SandboxTimeout extends SandboxError {
  override readonly name = "SandboxTimeout";
  /** The limit, in milliseconds. */
  readonly limitMs: number;

  constructor(bound: "cpuTimeout" | "callTimeout" | "queueWait", limitMs: number) {
    const what = {
      cpuTimeout: "the guest ran longer than its cpuTimeout",
      callTimeout: "the call took longer than its callTimeout",
      queueWait: "the call waited longer than the queue allows",
    }[bound];
    super("sandbox_timeout", `${what} of ${limitMs} ms and was stopped`, bound);
    this.limitMs = limitMs;
  }
}

/** More calls were waiting than the queue may hold. */
export class SandboxOverload extends SandboxError {
  override readonly name = "SandboxOverload";
  constructor(limit: number) {
    super(
      "sandbox_overload",
      `${limit} calls are waiting already, the most the queue takes`,
      "queueLimit",
    );
  }
}

/**
 * The guest needed more memory than its `memoryLimit`: it was refused more, and later in the same call gave up
 * (`unreachable`) or used what it had not got.
 */
export class SandboxMemoryLimit extends SandboxError {
  override readonly name = "SandboxMemoryLimit";
  /** The limit, in bytes. */
  readonly limitBytes: number;

  constructor(limitBytes: number, message?: string) {
    super(
      "sandbox_memory_limit",
      message ?? `the guest wanted more memory than its memoryLimit of ${limitBytes} bytes`,
      "memoryLimit",
    );
    this.limitBytes = limitBytes;
  }
}

/** The guest trapped: `unreachable`, an access out of bounds, a division by zero, or too deep a recursion. */
export class SandboxTrap extends SandboxError {
  override readonly name = "SandboxTrap";
  constructor(message: string, bound?: SandboxBound) {
    super("sandbox_trap", message, bound);
  }
}

/** The guest asked for what it was not allowed. */
export class CapabilityDenied extends SandboxError {
  override readonly name = "CapabilityDenied";
  /** What it lacked, such as `network`. */
  readonly capability: string;

  constructor(capability: string, message: string) {
    super("sandbox_capability_denied", message);
    this.capability = capability;
  }
}

/** The guest itself said that it failed, or does not keep to its ABI. */
export class GuestError extends SandboxError {
  override readonly name = "GuestError";
  constructor(message: string, bound?: SandboxBound) {
    super("sandbox_guest_error", message, bound);
  }
}
