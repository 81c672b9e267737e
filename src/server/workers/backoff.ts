const FIRST_MS = 100;
const MOST_MS = 30_000;
/** Whoever lived this long died of something new. */
const SETTLED_MS = 10_000;

/** How long to wait before what died is started again: twice as long after each early death. */
export class Backoff {
  #deaths = 0;

  /** @param livedMs how long it served @returns milliseconds to wait */
  next(livedMs: number): number {
    this.#deaths = livedMs >= SETTLED_MS ? 1 : this.#deaths + 1;
    return Math.min(FIRST_MS * 2 ** (this.#deaths - 1), MOST_MS);
  }
}
