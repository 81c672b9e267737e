import type { Store } from "../../store/store.ts";
import type { Limiter, Verdict } from "./limiter.ts";

/**
 * A bucket for each key, which holds `capacity` tokens and is filled evenly. Requests of one key are taken
 * one after another in a process. Processes that share a store may take the same token at the same moment.
 */
export class TokenBucket implements Limiter {
  readonly quota: number;
  readonly windowMs: number;
  readonly #perMs: number;
  readonly #store: Store;
  readonly #name: string;
  readonly #now: () => number;
  /** The last request of each key that is being looked at: no more keys than requests in flight. */
  readonly #tails = new Map<string, Promise<unknown>>();

  /**
   * @param limit tokens that come back in a window
   * @param name of what is counted in the store
   */
  constructor(
    capacity: number,
    limit: number,
    windowMs: number,
    store: Store,
    name: string,
    now: () => number,
  ) {
    this.quota = capacity;
    this.windowMs = (capacity * windowMs) / limit;
    this.#perMs = limit / windowMs;
    this.#store = store;
    this.#name = name;
    this.#now = now;
  }

  take(key: string, cost: number): Promise<Verdict> {
    const before = this.#tails.get(key);
    const turn = (): Promise<Verdict> => this.#take(key, cost);
    const own = before === undefined ? turn() : before.then(turn, turn);
    this.#tails.set(key, own);
    const leave = (): void => {
      if (this.#tails.get(key) === own) this.#tails.delete(key);
    };
    own.then(leave, leave);
    return own;
  }

  async #take(key: string, cost: number): Promise<Verdict> {
    const now = this.#now();
    const own = `${this.#name}:${key}`;
    const kept = await this.#store.get(own);
    const [held, at] = Array.isArray(kept) ? (kept as [number, number]) : [this.quota, now];
    const tokens = Math.min(this.quota, held + Math.max(0, now - at) * this.#perMs);
    // What is short by an error of the last digit is there.
    const allowed = tokens >= cost - 1e-9;
    const left = allowed ? Math.max(0, tokens - cost) : tokens;
    const resetMs = (this.quota - left) / this.#perMs;
    // A full bucket need not be remembered.
    if (allowed && cost > 0) await this.#store.set(own, [left, now], Math.ceil(resetMs));
    const retryMs = allowed ? 0 : (cost - tokens) / this.#perMs;
    return { allowed, remaining: Math.floor(left + 1e-9), resetMs, retryMs };
  }
}
