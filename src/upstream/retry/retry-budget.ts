import type { Clock } from "../clock.ts";

export interface RetryBudgetOptions {
  /** Retries for each request: 0.2 is 20 %. */
  readonly ratio: number;
  /** Retries a second that are free, so that a quiet upstream may retry at all. */
  readonly minPerSecond: number;
  /** How long what was saved up counts. */
  readonly windowMs: number;
}

export const defaultRetryBudget: RetryBudgetOptions = {
  ratio: 0.2,
  minPerSecond: 3,
  windowMs: 10_000,
};

/** How many seconds of the free retries may come at once. */
const BURST_SECS = 1;

/**
 * Keeps retries from making an outage worse: there are only so many for the requests of the last while, however
 * many fail. Requests put parts of tokens in, which are forgotten as time goes on; a retry takes a whole one, or
 * one of the few that are free each second.
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  readonly #now: Clock;
  #saved = 0;
  #free: number;
  #last: number;
  #denied = 0;

  constructor(options: RetryBudgetOptions, now: Clock) {
    this.#options = options;
    this.#now = now;
    this.#last = now();
    this.#free = options.minPerSecond * BURST_SECS;
  }

  /** Retries that were refused since the start. */
  get denied(): number {
    return this.#denied;
  }

  /** A new request, not a retry. */
  request(): void {
    this.#saved += this.#options.ratio;
  }

  /** Whether one retry may be made; it is spent when it may. */
  take(): boolean {
    this.#moveOn();
    if (this.#saved >= 1) this.#saved--;
    else if (this.#free >= 1) this.#free--;
    else {
      this.#denied++;
      return false;
    }
    return true;
  }

  #moveOn(): void {
    const { minPerSecond, windowMs } = this.#options;
    const now = this.#now();
    const passed = now - this.#last;
    this.#last = now;
    this.#saved *= Math.exp(-passed / windowMs);
    this.#free = Math.min(minPerSecond * BURST_SECS, this.#free + (passed / 1_000) * minPerSecond);
  }
}
