import type { BalancedBackend, Balancer } from "./balancer.ts";
import { ConsistentHash } from "./consistent-hash.ts";
import { LeastConnections } from "./least-conn.ts";
import { PowerOfTwoChoices } from "./p2c.ts";
import { RandomChoice } from "./random.ts";
import { RoundRobin } from "./round-robin.ts";

/** How a backend is chosen. `ip_hash` and `hash` differ only in what is hashed. */
export type Strategy = "round_robin" | "random" | "p2c" | "least_conn" | "ip_hash" | "hash";

export const strategies: readonly Strategy[] = [
  "round_robin",
  "random",
  "p2c",
  "least_conn",
  "ip_hash",
  "hash",
];

/** The balancer of a strategy. @param random 0 ≤ random() < 1 */
export function createBalancer<B extends BalancedBackend>(
  strategy: Strategy,
  backends: readonly B[],
  random: () => number = Math.random,
): Balancer<B> {
  switch (strategy) {
    case "random":
      return new RandomChoice(backends, random);
    case "p2c":
      return new PowerOfTwoChoices(backends, random);
    case "least_conn":
      return new LeastConnections(backends, random);
    case "ip_hash":
    case "hash":
      return new ConsistentHash(backends);
    default:
      return new RoundRobin(backends, random);
  }
}
