import type { BalancedBackend, Balancer, Selection } from "./balancer.ts";
import { hashKey, mixBits } from "./hash-key.ts";
import { scaledWeights } from "./scaled-weights.ts";

/** Points on the ring for each part of weight (as ketama has it), and in all. */
const POINTS = 160;
const MOST_POINTS = 1 << 18;
const GOLDEN = 0x9e3779b9;

/**
 * A ring of hashes: each backend owns points on it by its weight, and a request belongs to the next point after
 * its hash. A backend that leaves gives its share to all the others, and nothing else moves. Further candidates
 * are the next owners round the ring, so that the requests of a backend that is down are spread, and return.
 *
 * A slow start is no matter here: a key has one place.
 */
export class ConsistentHash<B extends BalancedBackend> implements Balancer<B> {
  readonly #backends: readonly B[];
  /** Rising. */
  readonly #points: Uint32Array;
  readonly #owners: Uint32Array;
  /** The first point of each equal part of the ring, so that a look-up need not search. */
  readonly #index: Uint32Array;
  readonly #shift: number;

  constructor(backends: readonly B[]) {
    this.#backends = backends;
    const placed = place(backends);
    this.#points = new Uint32Array(placed.length);
    this.#owners = new Uint32Array(placed.length);
    for (const [i, both] of placed.entries()) {
      this.#points[i] = Math.floor(both / backends.length);
      this.#owners[i] = both % backends.length;
    }
    const bits = Math.max(1, Math.ceil(Math.log2(placed.length + 1)));
    this.#shift = 32 - bits;
    this.#index = new Uint32Array(2 ** bits);
    let at = 0;
    for (let part = 0; part < this.#index.length; part++) {
      while (at < placed.length && (this.#points[at] as number) >>> this.#shift < part) at++;
      this.#index[part] = at;
    }
  }

  /** @param hash uint32 */
  select(hash: number): Selection<B> {
    const { length } = this.#points;
    let at = this.#index[hash >>> this.#shift] as number;
    while (at < length && (this.#points[at] as number) < hash) at++;
    return new RoundTheRing(this.#backends, this.#owners, at === length ? 0 : at);
  }
}

/** Points with their owners, in order: point × backends + owner. */
function place(backends: readonly BalancedBackend[]): Float64Array {
  const weights = scaledWeights(backends, MOST_POINTS / POINTS);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const placed = new Float64Array(total * POINTS);
  let count = 0;
  for (const [owner, weight] of weights.entries()) {
    const seed = hashKey((backends[owner] as BalancedBackend).name);
    for (let i = 1; i <= weight * POINTS; i++) {
      const point = mixBits(mixBits(seed + Math.imul(i, GOLDEN)) ^ seed);
      placed[count++] = point * backends.length + owner;
    }
  }
  return placed.sort();
}

class RoundTheRing<B> implements Selection<B> {
  readonly #backends: readonly B[];
  readonly #owners: Uint32Array;
  #at: number;
  #named: Uint8Array | undefined;
  #count = 0;

  constructor(backends: readonly B[], owners: Uint32Array, at: number) {
    this.#backends = backends;
    this.#owners = owners;
    this.#at = at;
  }

  next(): B | undefined {
    if (this.#count === this.#backends.length) return undefined;
    if (this.#count++ === 0) return this.#backends[this.#owners[this.#at] as number];
    if (this.#named === undefined) {
      this.#named = new Uint8Array(this.#backends.length);
      this.#named[this.#owners[this.#at] as number] = 1;
    }
    let owner: number;
    do {
      this.#at = (this.#at + 1) % this.#owners.length;
      owner = this.#owners[this.#at] as number;
    } while (this.#named[owner] === 1);
    this.#named[owner] = 1;
    return this.#backends[owner];
  }
}
