import type { WindowCounters } from "./window-counters.ts";

/** What can be kept: JSON, so that it crosses processes and machines. */
export type StoreValue =
  | null
  | boolean
  | number
  | string
  | readonly StoreValue[]
  | { readonly [key: string]: StoreValue };

/**
 * What workers must agree on: counters, small values and messages. In memory for one process, in the
 * supervisor for several. Keys are forgotten when their time is over, or when there are too many.
 */
export interface Store {
  get(key: string): Promise<StoreValue | undefined>;
  /** @param ttlMs milliseconds it is kept; for as long as there is room if left out */
  set(key: string, value: StoreValue, ttlMs?: number): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Adds to a counter, which begins at 0 and then lives for `ttlMs`; adding to a living one does not prolong it.
   * @returns the sum after this addition
   * @throws StoreError when the key holds something else
   */
  increment(key: string, by?: number, ttlMs?: number): Promise<number>;
  /** Sets the remaining milliseconds of a key. @returns false when there is no such key */
  expire(key: string, ttlMs: number): Promise<boolean>;
  /** Sends to every subscriber in every worker, this one too. Whoever subscribes later misses it. */
  publish(channel: string, message: StoreValue): Promise<void>;
  /** @returns a function that ends the subscription */
  subscribe(channel: string, listener: (message: StoreValue) => void): () => void;
  close(): void;
}

/** A store in this process, which can be asked without waiting: for what is asked with every request. */
export interface ImmediateStore extends Store {
  /** Counters of windows of time: the same for everybody who asks for the same name, as long as anybody has them. */
  windowCounters(name: string): WindowCounters;
}

export function isImmediate(store: Store): store is ImmediateStore {
  return "windowCounters" in store;
}

export type StoreErrorCode =
  | "store_not_a_counter"
  | "store_key_too_long"
  | "store_too_busy"
  | "store_unreachable";

/** Why the store did not do what it was asked. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.name = "StoreError";
    this.code = code;
  }
}

/** Longer keys are a mistake, and would be a way to fill memory. */
export const MAX_KEY_LENGTH = 1024;

/** @throws StoreError */
export function checkKey(key: string): void {
  if (key.length <= MAX_KEY_LENGTH) return;
  throw new StoreError(
    "store_key_too_long",
    `a key has at most ${MAX_KEY_LENGTH} characters, not ${key.length}: use a hash of it`,
  );
}
