import type { PlainData } from "../abi/abi.ts";
import type { HostOperation } from "../guest/host-link.ts";

/** The arguments of a host call, so that it does not take longer than the call it is made in may. */
export function beforeDeadline(
  operation: HostOperation,
  args: readonly PlainData[],
  deadline: number,
): readonly PlainData[] {
  const [request] = args;
  if (operation !== "network.request" || typeof request !== "object" || request === null)
    return args;
  const { timeoutMs } = request as { timeoutMs?: number };
  const left = Math.max(deadline - performance.now(), 1);
  return [{ ...request, timeoutMs: Math.min(timeoutMs ?? Infinity, left) }];
}
