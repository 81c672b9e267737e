import type { BalancedBackend } from "./balancer.ts";

/** Draws that a backend which starts slowly may turn down before one is taken as it comes. */
const MOST_DRAWS = 32;

/** Draws a backend by weight, in the same time for any number of them (Walker's alias method, Vose's tables). */
export class WeightedTable<B extends BalancedBackend> {
  readonly #backends: readonly B[];
  readonly #random: () => number;
  readonly #keep: Float64Array;
  readonly #alias: Uint32Array;

  /** @param random 0 ≤ random() < 1 */
  constructor(backends: readonly B[], random: () => number) {
    const { length } = backends;
    this.#backends = backends;
    this.#random = random;
    this.#keep = new Float64Array(length).fill(1);
    this.#alias = new Uint32Array(length);
    const total = backends.reduce((sum, { weight }) => sum + weight, 0);
    const share = backends.map(({ weight }) => (weight / total) * length);
    const small: number[] = [];
    const large: number[] = [];
    for (const [i, part] of share.entries()) (part < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const less = small.pop() as number;
      const more = large.at(-1) as number;
      this.#keep[less] = share[less] as number;
      this.#alias[less] = more;
      share[more] = (share[more] as number) + (share[less] as number) - 1;
      if ((share[more] as number) < 1) small.push(large.pop() as number);
    }
  }

  /** There must be a backend. */
  readonly draw = (): B => {
    for (let i = 0; ; i++) {
      const backend = this.#drawAny();
      const weight = backend.effectiveWeight();
      if (weight >= backend.weight || i === MOST_DRAWS) return backend;
      if (this.#random() * backend.weight < weight) return backend;
    }
  };

  #drawAny(): B {
    const point = this.#random() * this.#backends.length;
    const column = Math.floor(point);
    const kept = point - column < (this.#keep[column] as number);
    return this.#backends[kept ? column : (this.#alias[column] as number)] as B;
  }
}
