import type { BalancedBackend, Balancer, Selection } from "./balancer.ts";
import { Candidates } from "./candidates.ts";
import { scaledWeights } from "./scaled-weights.ts";

/** Turns that are worked out ahead. Weights beyond are rounded to fit. */
const MOST_TURNS = 8_192;

/**
 * Smooth weighted round robin, as nginx has it: weights 5, 1, 1 give a a b a c a a, not a a a a a b c. The turns
 * are worked out once; after that, one costs the same for any number of backends.
 */
export class RoundRobin<B extends BalancedBackend> implements Balancer<B> {
  readonly #backends: readonly B[];
  readonly #turns: Uint32Array;
  /** For backends that start slowly: the part of a turn that each has saved up. */
  readonly #saved: Float64Array;
  #turn: number;

  /** @param random where to begin, so that processes begin apart; 0 ≤ random() < 1 */
  constructor(backends: readonly B[], random: () => number = Math.random) {
    this.#backends = backends;
    this.#turns = smoothTurns(scaledWeights(backends, MOST_TURNS));
    this.#saved = new Float64Array(backends.length);
    this.#turn = Math.floor(random() * this.#turns.length);
  }

  select(_hash?: number): Selection<B> {
    return new Candidates(this.#backends, this.pick);
  }

  /** Whose turn it is. There must be a backend. */
  readonly pick = (): B => {
    const { length } = this.#turns;
    let backend: B;
    // A backend at a tenth of its weight takes every tenth of its turns; all of them do so in a bounded time.
    for (let i = 0; ; i++) {
      const index = this.#turns[this.#turn] as number;
      this.#turn = this.#turn + 1 === length ? 0 : this.#turn + 1;
      backend = this.#backends[index] as B;
      const weight = backend.effectiveWeight();
      if (weight >= backend.weight || i >= length) return backend;
      const saved = (this.#saved[index] as number) + weight / backend.weight;
      this.#saved[index] = saved >= 1 ? saved - 1 : saved;
      if (saved >= 1) return backend;
    }
  };
}

/** One whole round: at each turn everyone gains their weight, the richest takes it and pays for all. */
function smoothTurns(weights: readonly number[]): Uint32Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const turns = new Uint32Array(total);
  if (total === weights.length) return turns.map((_, index) => index);
  const current = new Float64Array(weights.length);
  for (let turn = 0; turn < total; turn++) {
    let richest = 0;
    for (let i = 0; i < weights.length; i++) {
      const gained = (current[i] as number) + (weights[i] as number);
      current[i] = gained;
      if (gained > (current[richest] as number)) richest = i;
    }
    current[richest] = (current[richest] as number) - total;
    turns[turn] = richest;
  }
  return turns;
}
