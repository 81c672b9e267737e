import type { SessionRecord, SessionStore, SessionStoreOptions } from "./session-store.ts";

export interface MemorySessionOptions extends SessionStoreOptions {
  /** Beyond this many the one that was saved longest ago is forgotten; 100,000 if left out. */
  readonly maxSessions?: number;
}

/** Sessions of one process, gone when it ends: for development, tests, and what may be lost. */
export class MemorySessions implements SessionStore {
  /** In the order of their last saving. */
  readonly #records = new Map<string, SessionRecord>();
  readonly #maxSessions: number;
  readonly #now: () => number;

  constructor({ maxSessions = 100_000, now = Date.now }: MemorySessionOptions = {}) {
    this.#maxSessions = maxSessions;
    this.#now = now;
  }

  async get(key: string): Promise<SessionRecord | undefined> {
    return this.#living(key);
  }

  async set(key: string, record: SessionRecord): Promise<boolean> {
    if (record.version !== (this.#living(key)?.version ?? 0) + 1) return false;
    this.#records.delete(key);
    this.#records.set(key, record);
    if (this.#records.size > this.#maxSessions) {
      const [oldest] = this.#records.keys();
      this.#records.delete(oldest as string);
    }
    return true;
  }

  async touch(key: string, expiresAt: number): Promise<void> {
    const record = this.#living(key);
    if (record !== undefined) this.#records.set(key, { ...record, expiresAt });
  }

  async delete(key: string): Promise<void> {
    this.#records.delete(key);
  }

  async purge(): Promise<number> {
    const before = this.#records.size;
    const now = this.#now();
    for (const [key, record] of this.#records) {
      if (record.expiresAt <= now) this.#records.delete(key);
    }
    return before - this.#records.size;
  }

  async close(): Promise<void> {
    this.#records.clear();
  }

  #living(key: string): SessionRecord | undefined {
    const record = this.#records.get(key);
    if (record === undefined || record.expiresAt > this.#now()) return record;
    this.#records.delete(key);
    return undefined;
  }
}
