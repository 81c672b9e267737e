import type { Store } from "../../store/store.ts";
import type { Limiter, Verdict } from "./limiter.ts";

/**
 * At most `limit` in any window, reckoned from two fixed windows: this one's count, and as much of the last
 * one's as the sliding window still covers, as if that had come evenly. Counters only, so workers and
 * machines that share a store share the limit.
 */
export class SlidingWindow implements Limiter {
  readonly quota: number;
  readonly windowMs: number;
  readonly #store: Store;
  readonly #now: () => number;

  constructor(limit: number, windowMs: number, store: Store, now: () => number) {
    this.quota = limit;
    this.windowMs = windowMs;
    this.#store = store;
    this.#now = now;
  }

  async take(key: string, cost: number): Promise<Verdict> {
    const now = this.#now();
    const { windowMs, quota } = this;
    const index = Math.floor(now / windowMs);
    const into = now / windowMs - index;
    const own = `${key}:${index}`;
    // Both at once, so that they travel together. It is needed until the next window is over.
    const [current, before] = await Promise.all([
      this.#store.increment(own, cost, 2 * windowMs),
      this.#store.get(`${key}:${index - 1}`),
    ]);
    const previous = typeof before === "number" ? before : 0;
    const resetMs = (1 - into) * windowMs;
    const used = previous * (1 - into) + current;
    if (used <= quota + 1e-9) {
      return {
        allowed: true,
        remaining: Math.max(0, Math.floor(quota - used + 1e-9)),
        resetMs,
        retryMs: 0,
      };
    }
    // What was refused was not used.
    const counted = await this.#store.increment(own, -cost, 2 * windowMs);
    const left = quota - previous * (1 - into) - counted;
    const retryMs = this.#wait(previous, counted, cost, into);
    return { allowed: false, remaining: Math.max(0, Math.floor(left)), resetMs, retryMs };
  }

  /** Until enough of the past has slid out of the window. */
  #wait(previous: number, current: number, cost: number, into: number): number {
    const { windowMs, quota } = this;
    if (current + cost <= quota && previous > 0) {
      const enough = 1 - (quota - cost - current) / previous;
      return Math.max(0, enough - into) * windowMs;
    }
    const enough = current > 0 ? 1 - (quota - cost) / current : 0;
    return (1 - into + Math.min(1, Math.max(0, enough))) * windowMs;
  }
}
