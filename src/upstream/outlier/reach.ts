import type { Clock } from "../clock.ts";

/** How long a backend is left alone that no connection could be made to; each time in a row twice as long. */
const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;

/**
 * Whether a backend could be reached lately. While it could not, others are asked first, so that requests do not
 * wait for connections that do not come; when its time is over the next request finds out.
 */
export class Reach {
  readonly #now: Clock;
  #until = 0;
  #inARow = 0;

  constructor(now: Clock) {
    this.#now = now;
  }

  get isOut(): boolean {
    return this.#until !== 0 && this.#now() < this.#until;
  }

  note(reached: boolean): void {
    if (reached) {
      if (this.#inARow === 0) return;
      this.#inARow = 0;
      this.#until = 0;
      return;
    }
    // Many requests fail together: that is once.
    if (this.isOut) return;
    this.#until = this.#now() + Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#inARow);
    this.#inARow++;
  }
}
