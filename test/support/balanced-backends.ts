import type { BalancedBackend } from "../../src/upstream/balance/balancer.ts";

export interface FakeBackend extends BalancedBackend {
  inFlight: number;
  /** Part of the weight that counts now. */
  ramp: number;
}

/** Backends a, b, c … of these weights, with nothing under way. */
export function fakeBackends(...weights: number[]): FakeBackend[] {
  return weights.map((weight, i) => ({
    name: weights.length <= 26 ? String.fromCharCode(97 + i) : `10.0.${i >> 8}.${i & 255}:80`,
    weight,
    inFlight: 0,
    ramp: 1,
    effectiveWeight() {
      return this.weight * this.ramp;
    },
  }));
}
