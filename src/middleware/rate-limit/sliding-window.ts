import type { Store, StoreValue } from "../../store/store.ts";
import { isImmediate } from "../../store/store.ts";
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

  take(key: string, cost: number): Verdict | Promise<Verdict> {
    const now = this.#now();
    const { windowMs } = this;
    const index = Math.floor(now / windowMs);
    const into = now / windowMs - index;
    const own = `${key}:${index}`;
    const last = `${key}:${index - 1}`;
    const store = this.#store;
    // It is needed until the next window is over.
    const ttl = 2 * windowMs;
    if (isImmediate(store)) {
      const current = store.incrementNow(own, cost, ttl);
      const verdict = this.#judge(current, store.getNow(last), into);
      return (
        verdict ?? this.#refuse(store.incrementNow(own, -cost, ttl), store.getNow(last), cost, into)
      );
    }
    return this.#ask(store, own, last, cost, into);
  }

  async #ask(
    store: Store,
    own: string,
    last: string,
    cost: number,
    into: number,
  ): Promise<Verdict> {
    const ttl = 2 * this.windowMs;
    // Both at once, so that they travel together.
    const [current, before] = await Promise.all([store.increment(own, cost, ttl), store.get(last)]);
    const verdict = this.#judge(current, before, into);
    return verdict ?? this.#refuse(await store.increment(own, -cost, ttl), before, cost, into);
  }

  /** @returns undefined when that is too much */
  #judge(current: number, before: StoreValue | undefined, into: number): Verdict | undefined {
    const { windowMs, quota } = this;
    const used = countOf(before) * (1 - into) + current;
    if (used > quota + 1e-9) return undefined;
    const remaining = Math.max(0, Math.floor(quota - used + 1e-9));
    return { allowed: true, remaining, resetMs: (1 - into) * windowMs, retryMs: 0 };
  }

  /** @param counted what is left in the count: what was refused was not used */
  #refuse(counted: number, before: StoreValue | undefined, cost: number, into: number): Verdict {
    const previous = countOf(before);
    const left = this.quota - previous * (1 - into) - counted;
    return {
      allowed: false,
      remaining: Math.max(0, Math.floor(left)),
      resetMs: (1 - into) * this.windowMs,
      retryMs: this.#wait(previous, counted, cost, into),
    };
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

function countOf(value: StoreValue | undefined): number {
  return typeof value === "number" ? value : 0;
}
