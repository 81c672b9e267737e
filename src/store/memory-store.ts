import type { ImmediateStore, StoreValue } from "./store.ts";
import { checkKey, StoreError } from "./store.ts";
import { WindowCounters } from "./window-counters.ts";

interface Entry {
  value: StoreValue;
  /** In milliseconds of the clock; Infinity for one without an end. */
  until: number;
}

export interface MemoryStoreOptions {
  /** Beyond this many keys the one that was written longest ago is forgotten. Each set of counters holds as many of a window. */
  maxKeys?: number;
  /** Milliseconds that only go up. */
  now?: () => number;
}

/** The store of one process. */
export class MemoryStore implements ImmediateStore {
  /** In the order of their last writing. */
  readonly #entries = new Map<string, Entry>();
  #newest: Entry | undefined;
  /** Kept by those who count in them. */
  readonly #windows = new Map<string, WeakRef<WindowCounters>>();
  readonly #channels = new Map<string, Set<(message: StoreValue) => void>>();
  readonly #maxKeys: number;
  readonly #now: () => number;

  constructor({ maxKeys = 100_000, now = () => performance.now() }: MemoryStoreOptions = {}) {
    this.#maxKeys = maxKeys;
    this.#now = now;
  }

  /** Keys that are held, expired ones included until they are met. */
  get size(): number {
    let size = this.#entries.size;
    for (const counters of this.#windows.values()) size += counters.deref()?.size ?? 0;
    return size;
  }

  async get(key: string): Promise<StoreValue | undefined> {
    return this.#living(key)?.value;
  }

  async set(key: string, value: StoreValue, ttlMs = Infinity): Promise<void> {
    this.#write(key, { value, until: this.#now() + ttlMs });
  }

  async delete(key: string): Promise<void> {
    this.#entries.delete(key);
  }

  async increment(key: string, by = 1, ttlMs = Infinity): Promise<number> {
    const entry = this.#living(key);
    if (entry === undefined) {
      this.#write(key, { value: by, until: this.#now() + ttlMs });
      return by;
    }
    if (typeof entry.value !== "number") {
      throw new StoreError("store_not_a_counter", `the key ${key} holds no number`);
    }
    entry.value += by;
    // Mostly the one who came last comes again.
    if (entry !== this.#newest) this.#write(key, entry);
    return entry.value;
  }

  windowCounters(name: string): WindowCounters {
    const known = this.#windows.get(name)?.deref();
    if (known !== undefined) return known;
    for (const [other, counters] of this.#windows) {
      if (counters.deref() === undefined) this.#windows.delete(other);
    }
    const counters = new WindowCounters(this.#maxKeys);
    this.#windows.set(name, new WeakRef(counters));
    return counters;
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    const entry = this.#living(key);
    if (entry === undefined) return false;
    entry.until = this.#now() + ttlMs;
    return true;
  }

  async publish(channel: string, message: StoreValue): Promise<void> {
    for (const listener of this.#channels.get(channel) ?? []) listener(message);
  }

  subscribe(channel: string, listener: (message: StoreValue) => void): () => void {
    // The same function may subscribe twice.
    const entry = (message: StoreValue): void => listener(message);
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(entry));
    return () => {
      listeners.delete(entry);
      if (listeners.size === 0) this.#channels.delete(channel);
    };
  }

  close(): void {
    this.#entries.clear();
    this.#windows.clear();
    this.#channels.clear();
  }

  #living(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.until > this.#now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #write(key: string, entry: Entry): void {
    checkKey(key);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#newest = entry;
    if (this.#entries.size > this.#maxKeys) this.#makeRoom();
  }

  /** Of the oldest, expired ones go first. */
  #makeRoom(): void {
    const now = this.#now();
    let looked = 0;
    let oldest: string | undefined;
    for (const [key, entry] of this.#entries) {
      oldest ??= key;
      if (entry.until <= now) {
        this.#entries.delete(key);
        return;
      }
      if (++looked === 16) break;
    }
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
