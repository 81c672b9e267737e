import { HostFault } from "./abi/abi.ts";
import type { SandboxBound } from "./errors.ts";
import {
  CapabilityDenied,
  GuestError,
  SandboxError,
  SandboxMemoryLimit,
  SandboxTimeout,
  SandboxTrap,
} from "./errors.ts";
import { InvalidModule } from "./module/invalid-module.ts";

/** An error as plain data, for the way from a thread or a process. */
export type ErrorData = {
  readonly name: string;
  readonly message: string;
  readonly bound: SandboxBound | null;
  /** The limit in milliseconds or bytes, the capability, or the code of a fault. */
  readonly detail: string | number | null;
};

export function toErrorData(error: unknown): ErrorData {
  if (error instanceof HostFault) {
    return { name: "HostFault", message: error.message, bound: null, detail: error.code };
  }
  if (!(error instanceof SandboxError)) {
    return { name: "SandboxTrap", message: String(error), bound: null, detail: null };
  }
  let detail: string | number | null = null;
  if (error instanceof SandboxTimeout) detail = error.limitMs;
  else if (error instanceof SandboxMemoryLimit) detail = error.limitBytes;
  else if (error instanceof CapabilityDenied) detail = error.capability;
  return { name: error.name, message: error.message, bound: error.bound ?? null, detail };
}

export function fromErrorData({ name, message, bound: given, detail }: ErrorData): Error {
  const bound = given ?? undefined;
  switch (name) {
    case "HostFault":
      return new HostFault(String(detail), message);
    case "SandboxTimeout":
      return new SandboxTimeout(bound as SandboxTimeout["bound"] & "cpuTimeout", Number(detail));
    case "SandboxMemoryLimit":
      return new SandboxMemoryLimit(Number(detail), message);
    case "CapabilityDenied":
      return new CapabilityDenied(String(detail), message);
    case "GuestError":
      return new GuestError(message, bound);
    case "InvalidModule":
      return new InvalidModule(message);
    default:
      return new SandboxTrap(message, bound);
  }
}
