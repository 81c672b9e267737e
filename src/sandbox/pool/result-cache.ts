import { createHash } from "node:crypto";
import { parseDuration } from "../../internal/parse-duration.ts";
import { parseSize } from "../../internal/parse-size.ts";
import { MiB } from "../sizes.ts";
import type { CallOptions } from "../sandbox.ts";
import { encodeInput } from "../sandbox.ts";

export interface ResultCacheOptions {
  /** How long an answer holds: `"60s"` or milliseconds. */
  readonly ttl: number | string;
  /** Answers kept; the one that was not used for the longest goes first. Default 1000. */
  readonly maxEntries?: number;
  /** Bytes of all answers, as JSON. Default `"16MiB"`. */
  readonly maxBytes?: number | string;
}

interface Entry {
  readonly value: unknown;
  readonly size: number;
  readonly until: number;
}

/**
 * Answers of a guest by what it was asked. Calls for the same that come while one is under way wait for it. Errors are
 * not kept.
 */
export class ResultCache {
  hits = 0;
  misses = 0;
  readonly #ttlMs: number;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #now: () => number;
  /** The one used last at the end. */
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Map<string, Promise<unknown>>();
  #bytes = 0;

  constructor(options: ResultCacheOptions, now: () => number = () => performance.now()) {
    this.#ttlMs = parseDuration(options.ttl);
    this.#maxEntries = options.maxEntries ?? 1000;
    this.#maxBytes = parseSize(options.maxBytes ?? 16 * MiB);
    this.#now = now;
  }

  /** Answers kept now. */
  get size(): number {
    return this.#entries.size;
  }

  /** The answer that is kept, or that `ask` gives. @returns whether no guest was asked for it */
  async through(
    entry: string,
    input: unknown,
    options: CallOptions | undefined,
    ask: () => Promise<unknown>,
  ): Promise<{ value: unknown; hit: boolean }> {
    const key = keyOf(entry, input, options);
    const kept = this.#get(key);
    if (kept !== undefined) {
      this.hits++;
      return { value: ownCopy(kept.value), hit: true };
    }
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      const value = await pending;
      this.hits++;
      return { value: ownCopy(value), hit: true };
    }
    this.misses++;
    const asked = ask();
    this.#pending.set(key, asked);
    try {
      const value = await asked;
      this.#put(key, ownCopy(value));
      return { value, hit: false };
    } finally {
      this.#pending.delete(key);
    }
  }

  #get(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#drop(key, entry);
    if (entry.until <= this.#now()) return undefined;
    this.#entries.set(key, entry);
    this.#bytes += entry.size;
    return entry;
  }

  #put(key: string, value: unknown): void {
    const size = key.length * 2 + encodeInput(value).byteLength;
    if (size > this.#maxBytes) return;
    const old = this.#entries.get(key);
    if (old !== undefined) this.#drop(key, old);
    this.#entries.set(key, { value, size, until: this.#now() + this.#ttlMs });
    this.#bytes += size;
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest, entry);
    }
  }

  #drop(key: string, { size }: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= size;
  }
}

/** Whoever has an answer may change it; what is kept stays. */
function ownCopy(value: unknown): unknown {
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}

function keyOf(entry: string, input: unknown, options: CallOptions | undefined): string {
  // What the input was decides what the output is, when nobody says.
  const form =
    options?.as ??
    (input instanceof Uint8Array ? "bytes" : typeof input === "string" ? "text" : "json");
  const hash = createHash("sha256");
  // With its length, as a name may hold anything.
  hash.update(`${form} ${entry.length} ${entry}`);
  hash.update(encodeInput(input));
  return hash.digest("base64");
}
