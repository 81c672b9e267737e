import type { Selection } from "./balancer.ts";

/** Picks that hit only what was named already; after as many, the rest is named in its order. */
const MOST_PICKS = 8;

/**
 * Candidates of a strategy that picks one at a time. Every further one is picked like the first, so that what an
 * unusable backend cannot take is spread as everything else is.
 */
export class Candidates<B> implements Selection<B> {
  readonly #backends: readonly B[];
  readonly #pick: () => B;
  #first: B | undefined;
  #named: Set<B> | undefined;
  #rest = -1;

  constructor(backends: readonly B[], pick: () => B) {
    this.#backends = backends;
    this.#pick = pick;
  }

  next(): B | undefined {
    if (this.#first === undefined) {
      if (this.#backends.length === 0) return undefined;
      this.#first = this.#pick();
      return this.#first;
    }
    this.#named ??= new Set([this.#first]);
    const named = this.#named;
    if (named.size === this.#backends.length) return undefined;
    let backend = this.#rest < 0 ? this.#repick(named) : undefined;
    backend ??= this.#leftOver(named);
    named.add(backend);
    return backend;
  }

  #repick(named: ReadonlySet<B>): B | undefined {
    for (let i = 0; i < MOST_PICKS; i++) {
      const backend = this.#pick();
      if (!named.has(backend)) return backend;
    }
    return undefined;
  }

  /** From behind the first one and round: its neighbour differs from request to request. */
  #leftOver(named: ReadonlySet<B>): B {
    const { length } = this.#backends;
    if (this.#rest < 0) this.#rest = this.#backends.indexOf(this.#first as B);
    let backend: B;
    do {
      this.#rest = (this.#rest + 1) % length;
      backend = this.#backends[this.#rest] as B;
    } while (named.has(backend));
    return backend;
  }
}
