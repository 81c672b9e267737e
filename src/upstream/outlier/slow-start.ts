import type { Clock } from "../clock.ts";

/** The part of its weight that a backend begins with. */
const FIRST = 0.1;

/**
 * Brings a backend back gently, so that cold caches and connections are not met by its whole share: its weight
 * rises in a line from a tenth.
 */
export class SlowStart {
  readonly #durationMs: number;
  readonly #now: Clock;
  /** Undefined unless under way: then there is no clock to read. */
  #since: number | undefined;

  /** @param durationMs 0 = at once */
  constructor(durationMs: number, now: Clock) {
    this.#durationMs = durationMs;
    this.#now = now;
  }

  /** The backend is back, as of now. Not for those that were there when everything began. */
  begin(): void {
    if (this.#durationMs > 0) this.#since = this.#now();
  }

  /** What its weight is multiplied with: 0.1 to 1. */
  get factor(): number {
    if (this.#since === undefined) return 1;
    const done = (this.#now() - this.#since) / this.#durationMs;
    if (done < 1) return FIRST + (1 - FIRST) * done;
    this.#since = undefined;
    return 1;
  }
}
