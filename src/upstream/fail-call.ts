import type { Call } from "./call.ts";

/** Ends a call that nobody carries. */
export function failCall(call: Call, fault: unknown): void {
  call.finished(fault);
  call.reject(fault);
}
