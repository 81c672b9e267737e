const FIRST = 256;

/** Bytes that a guest writes little by little, in one piece: many small writes take no more room than one large. */
export class ByteSink {
  readonly #most: number;
  #bytes = new Uint8Array(0);
  #size = 0;

  /** @param most bytes it takes */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a copy. @returns false when there is no room for all of it: nothing is added then */
  write(bytes: Uint8Array): boolean {
    const size = this.#size + bytes.byteLength;
    if (size > this.#most) return false;
    if (size > this.#bytes.byteLength) {
      const room = Math.max(size, Math.min(this.#bytes.byteLength * 2, this.#most), FIRST);
      const larger = new Uint8Array(room);
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#size);
    this.#size = size;
    return true;
  }

  /** All of it. Nothing may be written afterwards. */
  take(): Uint8Array {
    const { byteLength } = this.#bytes;
    // Without the room that was not needed, which would be copied along with it.
    return byteLength === this.#size ? this.#bytes : this.#bytes.slice(0, this.#size);
  }
}
