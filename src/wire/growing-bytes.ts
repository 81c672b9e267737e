/** Bytes that arrive in pieces, kept together; appending byte by byte stays linear. */
export class GrowingBytes {
  #bytes: Uint8Array;
  #length: number;

  constructor(first: Uint8Array) {
    this.#bytes = first;
    this.#length = first.byteLength;
  }

  get view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  append(more: Uint8Array): void {
    const length = this.#length + more.byteLength;
    if (length > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.byteLength * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(more, this.#length);
    this.#length = length;
  }
}
