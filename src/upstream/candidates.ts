import type { Backend } from "./backend.ts";
import type { Balancer, Selection } from "./balance/balancer.ts";
import type { Strategy } from "./balance/create-balancer.ts";
import { createBalancer } from "./balance/create-balancer.ts";
import { inPanic } from "./outlier/panic.ts";

/** A backend to ask, with the pass of its breaker. */
export interface Candidate {
  readonly backend: Backend;
  readonly pass: number;
}

/** Which backend a request should ask next: the balancer's order, without those that may not be asked. */
export class Candidates {
  readonly #strategy: Strategy;
  readonly #panicThreshold: number;
  #primary: readonly Backend[] = [];
  #balancer!: Balancer<Backend>;
  #backups: Balancer<Backend> | undefined;

  /** @param panicThreshold share of backends (0 to 1) below which all are asked, well or not */
  constructor(backends: readonly Backend[], strategy: Strategy, panicThreshold: number) {
    this.#strategy = strategy;
    this.#panicThreshold = panicThreshold;
    this.replace(backends);
  }

  /** From now on it is these. Selections that were begun go on; those that are gone are passed over. */
  replace(backends: readonly Backend[]): void {
    this.#primary = backends.filter(({ backup }) => !backup);
    const backups = backends.filter(({ backup }) => backup);
    this.#balancer = createBalancer(this.#strategy, this.#primary);
    this.#backups = backups.length === 0 ? undefined : createBalancer(this.#strategy, backups);
  }

  /** A fresh order. @param hash of what keeps a request with its backend */
  select(hash: number): Selection<Backend> {
    return this.#balancer.select(hash);
  }

  /** The next of a selection that may be asked; then backups; then, in panic, whoever there is. */
  next(selection: Selection<Backend>, hash: number): Candidate | undefined {
    const usable = first(selection, isAvailable);
    if (usable !== undefined) return usable;
    const { length } = this.#primary;
    const available = this.#primary.filter(isAvailable).length;
    if (inPanic(available, length, this.#panicThreshold)) {
      const anybody = first(this.#balancer.select(hash), isAny);
      if (anybody !== undefined) return anybody;
    }
    if (available > 0) return undefined;
    const backup = this.#backups && first(this.#backups.select(hash), isAvailable);
    // Nobody could be reached a moment ago: perhaps one can be now.
    return backup ?? first(this.#balancer.select(hash), (backend) => backend.fit);
  }

  /** Whether there is another one than `backend` that may be asked. */
  hasOther(backend: Backend): boolean {
    return this.#primary.some((one) => one !== backend && one.available);
  }
}

const isAny = (): boolean => true;
const isAvailable = ({ available }: Backend): boolean => available;

function first(
  selection: Selection<Backend>,
  wanted: (backend: Backend) => boolean,
): Candidate | undefined {
  for (let backend = selection.next(); backend !== undefined; backend = selection.next()) {
    if (!wanted(backend)) continue;
    const pass = backend.allow();
    if (pass !== 0) return { backend, pass };
  }
  return undefined;
}
