/** How many calls are remembered. */
const WINDOW = 1024;

/** How long the last calls took. */
export class Latencies {
  readonly #ring = new Float64Array(WINDOW);
  #count = 0;

  add(ms: number): void {
    this.#ring[this.#count++ % WINDOW] = ms;
  }

  /** @param part 0.5 for the median. @returns 0 without any calls */
  quantile(part: number): number {
    const known = Math.min(this.#count, WINDOW);
    if (known === 0) return 0;
    const sorted = this.#ring.slice(0, known).toSorted();
    return sorted[Math.min(Math.floor(known * part), known - 1)] as number;
  }
}
