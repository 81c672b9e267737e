/** One side of a split. */
export interface Choice {
  readonly name: string;
  readonly weight: number;
}

/** Classes of status: 2xx is at 2. */
const CLASSES = 6;

/** How requests are shared out, by weights that may change while it runs. */
export class Split {
  readonly name: string;
  /** As the configuration has it. */
  readonly configured: readonly Choice[];
  /** Requests by choice and class of status. */
  readonly counts: readonly Float64Array[];
  #weights: readonly number[] = [];
  #bounds: readonly number[] = [];

  constructor(name: string, configured: readonly Choice[]) {
    this.name = name;
    this.configured = configured;
    this.counts = configured.map(() => new Float64Array(CLASSES));
    this.reset();
  }

  /** What has to be the same for a change of weights to outlive a reload. */
  get identity(): string {
    return JSON.stringify([this.name, this.configured]);
  }

  get weights(): readonly Choice[] {
    return this.configured.map(({ name }, at) => ({ name, weight: this.#weights[at] as number }));
  }

  get changed(): boolean {
    return this.configured.some(({ weight }, at) => weight !== this.#weights[at]);
  }

  /** Other weights, in the order of the choices; the sum must be more than 0. */
  set(weights: readonly number[]): void {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    let before = 0;
    this.#bounds = weights.map((weight) => (before += weight) / sum);
    this.#weights = weights;
  }

  /** The weights of the configuration. */
  reset(): void {
    this.set(this.configured.map(({ weight }) => weight));
  }

  /**
   * The choice at a point from 0 to below 1. When a weight grows, the points that were its own stay so as far as
   * their order allows: the first choice gives to the second and takes from it at their border.
   */
  at(point: number): number {
    const bounds = this.#bounds;
    for (let i = 0; i < bounds.length; i++) if (point < (bounds[i] as number)) return i;
    return bounds.length - 1;
  }

  count(choice: number, status: number): void {
    const counts = this.counts[choice] as Float64Array;
    const kind = Math.floor(status / 100);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
}
