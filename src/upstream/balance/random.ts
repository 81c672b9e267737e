import type { BalancedBackend, Balancer, Selection } from "./balancer.ts";
import { Candidates } from "./candidates.ts";
import { WeightedTable } from "./weighted-table.ts";

/** Any backend, by weight. */
export class RandomChoice<B extends BalancedBackend> implements Balancer<B> {
  readonly #backends: readonly B[];
  readonly #table: WeightedTable<B>;

  /** @param random 0 ≤ random() < 1 */
  constructor(backends: readonly B[], random: () => number = Math.random) {
    this.#backends = backends;
    this.#table = new WeightedTable(backends, random);
  }

  select(_hash?: number): Selection<B> {
    return new Candidates(this.#backends, this.#table.draw);
  }
}
