/**
 * Checks UTF-8 that comes in pieces, and refuses it at the first byte that cannot be right (RFC 6455 8.1).
 * Whole runs are left to the platform's decoder; only characters that a cut has split are looked at byte by byte.
 */
export class Utf8Stream {
  /** Bytes the character under way still lacks. */
  #missing = 0;
  /** What the next byte may be: narrower than usual behind E0, ED, F0 and F4 (RFC 3629 4). */
  #lowest = 0x80;
  #highest = 0xbf;

  /** @returns whether what has come so far can be UTF-8 */
  push(bytes: Uint8Array): boolean {
    let at = 0;
    while (this.#missing > 0 && at < bytes.byteLength) {
      if (!this.#next(bytes[at++] as number)) return false;
    }
    const end = lastStart(bytes, at);
    if (end > at && decodeUtf8(bytes.subarray(at, end)) === undefined) return false;
    for (at = Math.max(at, end); at < bytes.byteLength; at++) {
      if (!this.#next(bytes[at] as number)) return false;
    }
    return true;
  }

  #next(byte: number): boolean {
    if (this.#missing > 0) {
      if (byte < this.#lowest || byte > this.#highest) return false;
      this.#missing--;
      this.#lowest = 0x80;
      this.#highest = 0xbf;
      return true;
    }
    if (byte >= 0xc2 && byte <= 0xdf) {
      this.#missing = 1;
    } else if (byte >= 0xe0 && byte <= 0xef) {
      this.#missing = 2;
      if (byte === 0xe0) this.#lowest = 0xa0;
      if (byte === 0xed) this.#highest = 0x9f;
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      this.#missing = 3;
      if (byte === 0xf0) this.#lowest = 0x90;
      if (byte === 0xf4) this.#highest = 0x8f;
    } else {
      return false;
    }
    return true;
  }
}

/** Where a character begins that `bytes` does not complete; its length when there is none. */
function lastStart(bytes: Uint8Array, from: number): number {
  const length = bytes.byteLength;
  for (let at = length - 1; at >= from && at >= length - 3; at--) {
    const byte = bytes[at] as number;
    if (byte < 0x80) return length;
    if (byte < 0xc0) continue;
    const size = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return at + size > length ? at : length;
  }
  return length;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Whole UTF-8 as text, or undefined when it is none. A byte order mark is text like any other. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
