import type { Guest } from "./abi.ts";

type HostFunction = (...args: never[]) => unknown;
type Call = (...args: unknown[]) => unknown;

/**
 * Functions of the host that look, each time, whether the guest shall stop. The guest's own count of its fuel knows
 * nothing of what the host does for it, and comes to its next look only after thousands of calls.
 */
export function stoppable<T extends Record<string, HostFunction>>(guest: Guest, functions: T): T {
  const { host } = guest;
  const all: Record<string, Call> = {};
  for (const [name, one] of Object.entries(functions)) {
    const call = one as unknown as Call;
    // Spelled out, as a list of arguments would be made for each call.
    if (one.length <= 2) {
      all[name] = (a, b) => {
        host.alive();
        return call(a, b);
      };
    } else if (one.length <= 5) {
      all[name] = (a, b, c, d, e) => {
        host.alive();
        return call(a, b, c, d, e);
      };
    } else {
      all[name] = (...args) => {
        host.alive();
        return call(...args);
      };
    }
  }
  return all as unknown as T;
}
