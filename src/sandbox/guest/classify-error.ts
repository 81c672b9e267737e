import { HostFault } from "../abi/abi.ts";
import { GuestError, SandboxError, SandboxMemoryLimit, SandboxTrap } from "../errors.ts";

/** Traps by which a program ends that has not got its memory: it gives up, or uses what it does not have. */
const FOR_WANT = /unreachable|out of bounds memory/i;

/**
 * What an exception that ended a guest means for whoever called it.
 * @param wantedMemory the guest was refused memory in this call
 */
export function classifyError(
  error: unknown,
  memoryLimit: number,
  wantedMemory: boolean,
): SandboxError {
  if (error instanceof SandboxError) return error;
  if (error instanceof HostFault) {
    return new GuestError(`a host call failed and the guest did not see to it: ${error.message}`);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError && /call stack/i.test(message)) {
    return new SandboxTrap("the guest's calls were nested too deeply", "stack");
  }
  if (/out of memory/i.test(message)) return new SandboxMemoryLimit(memoryLimit);
  if (error instanceof WebAssembly.RuntimeError) {
    if (wantedMemory && FOR_WANT.test(message)) return new SandboxMemoryLimit(memoryLimit);
    return new SandboxTrap(`the guest trapped: ${plainWords(message)}`);
  }
  // Such as a pointer of the guest's that an ABI followed out of the memory.
  return new SandboxTrap(`the guest gave its host something wrong: ${message}`);
}

/** JavaScriptCore adds what it was evaluating. */
function plainWords(message: string): string {
  return message.replace(/\s*\(evaluating [\s\S]*\)$/, "");
}
