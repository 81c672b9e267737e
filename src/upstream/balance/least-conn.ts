import type { BalancedBackend, Balancer, Selection } from "./balancer.ts";
import { loadOf } from "./load.ts";
import { RoundRobin } from "./round-robin.ts";

/** The backend with the fewest requests under way for its weight; among equals, whose turn it is. */
export class LeastConnections<B extends BalancedBackend> implements Balancer<B> {
  readonly #backends: readonly B[];
  readonly #turns: RoundRobin<B>;

  /** @param random 0 ≤ random() < 1 */
  constructor(backends: readonly B[], random: () => number = Math.random) {
    this.#backends = backends;
    this.#turns = new RoundRobin(backends, random);
  }

  select(_hash?: number): Selection<B> {
    return new LeastBusy(this.#backends, this.#turns);
  }
}

class LeastBusy<B extends BalancedBackend> implements Selection<B> {
  readonly #backends: readonly B[];
  readonly #turns: RoundRobin<B>;
  #first: B | undefined;
  /** What is left, the least busy last; put in order only when a second one is asked for. */
  #rest: B[] | undefined;

  constructor(backends: readonly B[], turns: RoundRobin<B>) {
    this.#backends = backends;
    this.#turns = turns;
  }

  next(): B | undefined {
    if (this.#first !== undefined) {
      this.#rest ??= this.#inOrder(this.#first);
      return this.#rest.pop();
    }
    if (this.#backends.length === 0) return undefined;
    let best = this.#turns.pick();
    let least = loadOf(best);
    for (let i = 0; least > 0 && i < this.#backends.length; i++) {
      const backend = this.#backends[i] as B;
      // Its load is this at least: a slow start only makes the weight smaller.
      if (backend.inFlight >= least * backend.weight) continue;
      const load = loadOf(backend);
      if (load >= least) continue;
      best = backend;
      least = load;
    }
    this.#first = best;
    return best;
  }

  #inOrder(first: B): B[] {
    const at = this.#backends.indexOf(this.#turns.pick());
    const round = [...this.#backends.slice(at), ...this.#backends.slice(0, at)];
    return round
      .filter((backend) => backend !== first)
      .toReversed()
      .sort((a, b) => loadOf(b) - loadOf(a));
  }
}
