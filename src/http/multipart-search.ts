const CR = 13;

/**
 * Finds one delimiter (`CRLF--boundary`, RFC 2046 5.1.1) in chunks of any size.
 *
 * Horspool's search: most bytes are never looked at. A delimiter has its only CR in front, so a candidate is
 * looked at only where there is one, no two can overlap, and the work stays linear whatever a client sends.
 */
export class DelimiterSearch {
  readonly #delimiter: Uint8Array;
  /** How far to go on when a byte is the last of the window. */
  readonly #skip: Uint8Array;

  constructor(boundary: string) {
    this.#delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
    const length = this.#delimiter.length;
    this.#skip = new Uint8Array(256).fill(length);
    for (let i = 0; i < length - 1; i++) this.#skip[this.#delimiter[i] as number] = length - 1 - i;
  }

  get length(): number {
    return this.#delimiter.length;
  }

  /** Where a whole delimiter begins at or after `from`; -1 if nowhere. */
  find(bytes: Uint8Array, from: number): number {
    const delimiter = this.#delimiter;
    const skip = this.#skip;
    const length = delimiter.length;
    const lastByte = delimiter[length - 1] as number;
    const end = bytes.length - length;
    for (let at = from; at <= end;) {
      const last = bytes[at + length - 1] as number;
      if (last === lastByte && bytes[at] === CR && this.match(bytes, at, 0) === length) return at;
      at += skip[last] as number;
    }
    return -1;
  }

  /** Where the beginning of a delimiter that `bytes` does not end stands in its last bytes; its length if nowhere. */
  findTail(bytes: Uint8Array, from: number): number {
    const first = Math.max(from, bytes.length - this.#delimiter.length + 1);
    for (let at = bytes.length - 1; at >= first; at--) {
      if (bytes[at] !== CR) continue;
      return at + this.match(bytes, at, 0) === bytes.length ? at : bytes.length;
    }
    return bytes.length;
  }

  /** How many bytes of the delimiter are known once those at `at` follow its first `known`. */
  match(bytes: Uint8Array, at: number, known: number): number {
    const delimiter = this.#delimiter;
    let matched = known;
    for (let i = at; matched < delimiter.length && i < bytes.length; i++) {
      if (bytes[i] !== delimiter[matched]) break;
      matched++;
    }
    return matched;
  }

  /** A copy of its bytes `from` to `to`, which turned out to be content. */
  slice(from: number, to: number): Uint8Array {
    return this.#delimiter.slice(from, to);
  }
}
