import { GuestError } from "../errors.ts";
import type { Guest } from "./abi.ts";
import { HostFault } from "./abi.ts";
import type { GuestMemory } from "./guest-memory.ts";

/** Longer keys are refused, so that a key is no place to keep values. */
const MAX_KEY_BYTES = 1024;

type KeyValueImports = {
  get(key: number, keyLength: number, buf: number, limit: number): number;
  set(key: number, keyLength: number, value: number, length: number, ttlMs: bigint): number;
  delete(key: number, keyLength: number): number;
  increment(key: number, keyLength: number, by: bigint, ttlMs: bigint): bigint;
};

/**
 * Strings are a pointer and a length in the guest's memory; times are milliseconds, 0 for ever.
 * - `get(key, key_len, buf, buf_limit) → i32`: the length of the value, -1 where there is none; written if it fits
 * - `set(key, key_len, value, value_len, ttl_ms i64) → i32`: 0, or -1 when the store is full
 * - `delete(key, key_len) → i32`: 1 if there was one
 * - `increment(key, key_len, by i64, ttl_ms i64) → i64`: the sum. Traps when something else is kept there
 */
export function keyValueImports(guest: Guest, memory: GuestMemory): KeyValueImports {
  const keyAt = (pointer: number, length: number): string => {
    if (length >>> 0 > MAX_KEY_BYTES) {
      throw new GuestError(`a key has at most ${MAX_KEY_BYTES} bytes, not ${length >>> 0}`);
    }
    return memory.text(pointer, length);
  };
  return {
    get(key, keyLength, buf, limit) {
      const value = guest.host.kv.get(keyAt(key, keyLength));
      return value === undefined ? -1 : memory.writeWithin(buf, limit, value);
    },
    set(key, keyLength, value, length, ttlMs) {
      try {
        const ttl = Number(ttlMs);
        // The store takes a copy.
        const bytes = memory.range(value, length);
        guest.host.kv.set(keyAt(key, keyLength), bytes, ttl > 0 ? ttl : undefined);
        return 0;
      } catch (error) {
        if (error instanceof HostFault) return -1;
        throw error;
      }
    },
    delete: (key, keyLength) => (guest.host.kv.delete(keyAt(key, keyLength)) ? 1 : 0),
    increment(key, keyLength, by, ttlMs) {
      const ttl = Number(ttlMs);
      const { kv } = guest.host;
      return BigInt(kv.increment(keyAt(key, keyLength), Number(by), ttl > 0 ? ttl : undefined));
    },
  };
}
