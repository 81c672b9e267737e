import type { CloseListener } from "./exchange.ts";

/** Tells one listener that a request has ended early. */
export function tellClosed(listener: CloseListener, reason: unknown): void {
  if (typeof listener === "function") listener(reason);
  else listener.cancel(reason);
}
