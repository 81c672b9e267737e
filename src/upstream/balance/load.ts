import type { BalancedBackend } from "./balancer.ts";

/** Requests under way for each part of its weight. */
export function loadOf(backend: BalancedBackend): number {
  const { inFlight } = backend;
  return inFlight === 0 ? 0 : inFlight / backend.effectiveWeight();
}
