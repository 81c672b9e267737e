import type { BalancedBackend, Balancer, Selection } from "./balancer.ts";
import { Candidates } from "./candidates.ts";
import { loadOf } from "./load.ts";
import { WeightedTable } from "./weighted-table.ts";

/** Draws for the second choice, until it differs from the first. */
const MOST_DRAWS = 3;

/**
 * The power of two choices: of two backends drawn by weight, the less busy one. Nearly as even as the least busy
 * of all, without looking at all, and without many processes running to the same one.
 */
export class PowerOfTwoChoices<B extends BalancedBackend> implements Balancer<B> {
  readonly #backends: readonly B[];
  readonly #table: WeightedTable<B>;

  /** @param random 0 ≤ random() < 1 */
  constructor(backends: readonly B[], random: () => number = Math.random) {
    this.#backends = backends;
    this.#table = new WeightedTable(backends, random);
  }

  select(_hash?: number): Selection<B> {
    return new Candidates(this.#backends, this.#pick);
  }

  readonly #pick = (): B => {
    const one = this.#table.draw();
    for (let i = 0; i < MOST_DRAWS; i++) {
      const other = this.#table.draw();
      if (other !== one) return loadOf(other) < loadOf(one) ? other : one;
    }
    return one;
  };
}
