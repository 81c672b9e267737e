import type { Store } from "../../store/store.ts";
import { isImmediate } from "../../store/store.ts";
import type { WindowCounters } from "../../store/window-counters.ts";
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
  readonly #name: string;
  /** In this process there is nothing to wait for. */
  readonly #counters: WindowCounters | undefined;
  readonly #now: (receivedAt: number) => number;

  /** @param name of what is counted in the store */
  constructor(
    limit: number,
    windowMs: number,
    store: Store,
    name: string,
    now: (receivedAt: number) => number,
  ) {
    this.quota = limit;
    this.windowMs = windowMs;
    this.#store = store;
    this.#name = name;
    this.#counters = isImmediate(store) ? store.windowCounters(`${name}:${windowMs}`) : undefined;
    this.#now = now;
  }

  take(key: string, cost: number, receivedAt: number): Verdict | Promise<Verdict> {
    const windows = this.#now(receivedAt) / this.windowMs;
    const index = Math.floor(windows);
    const into = windows - index;
    if (this.#counters === undefined) return this.#ask(key, cost, index, into);
    const count = this.#counters.at(index, key);
    count.current += cost;
    const verdict = this.#judge(count.current, count.before, into);
    if (verdict !== undefined) return verdict;
    count.current -= cost;
    return this.#refuse(count.current, count.before, cost, into);
  }

  async #ask(key: string, cost: number, index: number, into: number): Promise<Verdict> {
    const store = this.#store;
    const own = `${this.#name}:${key}:${index}`;
    // It is needed until the next window is over.
    const ttl = 2 * this.windowMs;
    // Both at once, so that they travel together.
    const [current, last] = await Promise.all([
      store.increment(own, cost, ttl),
      store.get(`${this.#name}:${key}:${index - 1}`),
    ]);
    const before = typeof last === "number" ? last : 0;
    const verdict = this.#judge(current, before, into);
    return verdict ?? this.#refuse(await store.increment(own, -cost, ttl), before, cost, into);
  }

  /** @returns undefined when that is too much */
  #judge(current: number, before: number, into: number): Verdict | undefined {
    const { windowMs, quota } = this;
    const used = before * (1 - into) + current;
    if (used > quota + 1e-9) return undefined;
    const remaining = Math.max(0, Math.floor(quota - used + 1e-9));
    return { allowed: true, remaining, resetMs: (1 - into) * windowMs, retryMs: 0 };
  }

  /** @param counted what is left in the count: what was refused was not used */
  #refuse(counted: number, before: number, cost: number, into: number): Verdict {
    const left = this.quota - before * (1 - into) - counted;
    return {
      allowed: false,
      remaining: Math.max(0, Math.floor(left)),
      resetMs: (1 - into) * this.windowMs,
      retryMs: this.#wait(before, counted, cost, into),
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
