import type { Observer } from "./engine.ts";

/** Several observers as one. What nobody wants to hear of stays undefined, so that engines need not find it out. */
export function observeAll(...observers: readonly Observer[]): Observer {
  const [only] = observers;
  if (observers.length === 1 && only !== undefined) return only;
  const all: Observer = {};
  for (const event of ["opened", "closed", "finished", "refused", "failed"] as const) {
    const listeners = observers.flatMap((one) => one[event]?.bind(one) ?? []) as ((
      ...args: unknown[]
    ) => void)[];
    if (listeners.length === 0) continue;
    const [first, second] = listeners;
    Object.assign(all, {
      [event]:
        listeners.length === 1
          ? first
          : listeners.length === 2
            ? (...args: unknown[]) => {
                first?.(...args);
                second?.(...args);
              }
            : (...args: unknown[]) => {
                for (const listener of listeners) listener(...args);
              },
    });
  }
  return all;
}
