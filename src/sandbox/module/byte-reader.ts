import { InvalidModule } from "./invalid-module.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the encodings of WebAssembly's binary format (core specification, section 5) out of a range of bytes. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  fail(reason: string, at = this.at): never {
    throw new InvalidModule(reason, at);
  }

  byte(): number {
    if (this.at >= this.end) this.fail("ends in the middle");
    return this.bytes[this.at++] as number;
  }

  /** A u32 in LEB128, of at most five bytes. */
  u32(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.byte();
    if (last > 0x0f) this.fail("holds an integer of more than 32 bits", this.at - 1);
    return (value | (last << 28)) >>> 0;
  }

  /** Passes over a signed LEB128 integer of at most `bits` bits; whether its last bits are right is for the engine. */
  skipSigned(bits: 32 | 33 | 64): void {
    const last = this.at + Math.ceil(bits / 7);
    while (this.byte() >= 0x80)
      if (this.at >= last) this.fail(`holds an integer of more than ${bits} bits`);
  }

  skip(count: number): void {
    if (count > this.end - this.at) this.fail("ends in the middle");
    this.at += count;
  }

  /** Another reader of the same range, which begins where this one is. */
  fork(): ByteReader {
    return new ByteReader(this.bytes, this.at, this.end);
  }

  /** A range of so many bytes, which is passed over. */
  range(count: number): ByteReader {
    const start = this.at;
    this.skip(count);
    return new ByteReader(this.bytes, start, this.at);
  }

  name(): string {
    const length = this.u32();
    const start = this.at;
    this.skip(length);
    try {
      return utf8.decode(this.bytes.subarray(start, this.at));
    } catch {
      return this.fail("holds a name that is not UTF-8", start);
    }
  }

  /** The number of things that follow. @param what plural, for the message */
  count(limit: number, what: string): number {
    const start = this.at;
    const count = this.u32();
    if (count > limit) this.fail(`has ${count} ${what}, and ${limit} are allowed`, start);
    return count;
  }
}
