import type { KeyValue } from "../abi/abi.ts";
import { HostFault } from "../abi/abi.ts";

/** What one sandbox may keep. */
export interface KeyValueLimits {
  readonly maxKeys: number;
  /** Bytes of all keys and values together. */
  readonly maxBytes: number;
}

interface Entry {
  readonly value: Uint8Array;
  readonly size: number;
  /** `performance.now()` of its end; Infinity for one without. */
  readonly until: number;
}

const MAX_KEY = 1024;
/** What an entry costs beside its bytes, about. */
const OVERHEAD = 64;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The key-value store of one sandbox, or of one pool. It lives in the server's own memory. */
export class KeyValueStore implements KeyValue {
  readonly #entries = new Map<string, Entry>();
  readonly #limits: KeyValueLimits;
  readonly #now: () => number;
  #bytes = 0;

  constructor(limits: KeyValueLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  get(key: string): Uint8Array | undefined {
    return this.#live(key)?.value.slice();
  }

  set(key: string, value: Uint8Array, ttlMs?: number): void {
    this.#put(key, value.slice(), ttlMs === undefined ? Infinity : this.#now() + checkTtl(ttlMs));
  }

  delete(key: string): boolean {
    const found = this.#live(key) !== undefined;
    this.#drop(key);
    return found;
  }

  increment(key: string, by = 1, ttlMs?: number): number {
    if (!Number.isSafeInteger(by)) throw new HostFault("EINVAL", "the step is no whole number");
    const entry = this.#live(key);
    const before = entry === undefined ? 0 : readNumber(key, entry.value);
    const sum = before + by;
    if (!Number.isSafeInteger(sum))
      throw new HostFault("EINVAL", `the number of ${key} is too large`);
    const fresh = ttlMs === undefined ? Infinity : this.#now() + checkTtl(ttlMs);
    this.#put(key, encoder.encode(String(sum)), entry?.until ?? fresh);
    return sum;
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.until > this.#now()) return entry;
    this.#drop(key);
    return undefined;
  }

  #put(key: string, value: Uint8Array, until: number): void {
    if (key.length > MAX_KEY)
      throw new HostFault("EINVAL", `a key has at most ${MAX_KEY} characters`);
    const size = key.length * 2 + value.byteLength + OVERHEAD;
    const room = (): boolean => {
      const old = this.#entries.get(key);
      const keys = this.#entries.size + (old === undefined ? 1 : 0);
      const bytes = this.#bytes + size - (old?.size ?? 0);
      return keys <= this.#limits.maxKeys && bytes <= this.#limits.maxBytes;
    };
    if (!room()) {
      this.#sweep();
      if (!room()) throw new HostFault("ENOSPC", "the key-value store of the sandbox is full");
    }
    this.#drop(key);
    this.#entries.set(key, { value, size, until });
    this.#bytes += size;
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.size;
  }

  /** Drops all whose time is over. Only when there is no room, so that the cost is spread. */
  #sweep(): void {
    const now = this.#now();
    for (const [key, entry] of this.#entries) if (entry.until <= now) this.#drop(key);
  }
}

function checkTtl(ttlMs: number): number {
  if (!(ttlMs > 0))
    throw new HostFault("EINVAL", "a time to live is a number of milliseconds above 0");
  return ttlMs;
}

function readNumber(key: string, value: Uint8Array): number {
  const text = decoder.decode(value);
  const number = Number(text);
  if (!/^-?\d{1,16}$/.test(text) || !Number.isSafeInteger(number)) {
    throw new HostFault("EINVAL", `what is kept under ${key} is no number`);
  }
  return number;
}
