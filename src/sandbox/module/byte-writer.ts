const utf8 = new TextEncoder();

/** Writes the encodings of WebAssembly's binary format (core specification, section 5). */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** @param capacity bytes expected; it grows beyond */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(Math.max(capacity, 16));
  }

  get length(): number {
    return this.#length;
  }

  #room(count: number): Uint8Array {
    const needed = this.#length + count;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    return this.#bytes;
  }

  byte(value: number): void {
    this.#room(1)[this.#length++] = value;
  }

  /** A u32 in LEB128. */
  u32(value: number): void {
    const bytes = this.#room(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.#length++] = rest;
  }

  /** An s32 in LEB128. */
  s32(value: number): void {
    const bytes = this.#room(5);
    let rest = value | 0;
    while (rest > 63 || rest < -64) {
      bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>= 7;
    }
    bytes[this.#length++] = rest & 0x7f;
  }

  raw(source: ArrayLike<number>): void {
    this.#room(source.length).set(source, this.#length);
    this.#length += source.length;
  }

  /** Copies `source[from … to]`. Short pieces, the usual ones, byte by byte: that is faster than a view of each. */
  copy(source: Uint8Array, from: number, to: number): void {
    const bytes = this.#room(to - from);
    let at = this.#length;
    if (to - from > 64) bytes.set(source.subarray(from, to), at);
    else for (let i = from; i < to; i++) bytes[at++] = source[i] as number;
    this.#length += to - from;
  }

  name(text: string): void {
    const bytes = utf8.encode(text);
    this.u32(bytes.length);
    this.raw(bytes);
  }

  /** Leaves room for a u32 that is known later. @returns where, for `fill` */
  reserve(): number {
    this.#room(5);
    this.#length += 5;
    return this.#length - 5;
  }

  /** Writes the number of bytes after a reserved place into it, in five bytes as LEB128 allows. */
  fillLength(place: number): void {
    let rest = this.#length - place - 5;
    for (let i = 0; i < 4; i++) {
      this.#bytes[place + i] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[place + 4] = rest;
  }

  /** A section: its id, its length, and what `write` puts into it. */
  section(id: number, write: () => void): void {
    this.byte(id);
    const place = this.reserve();
    write();
    this.fillLength(place);
  }

  /** What was written, cut out of a buffer that may be larger. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length) as Uint8Array<ArrayBuffer>;
  }
}
