const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** Up to this size a loop beats the call that copies bytes. */
const LOOP_BYTES = 48;

/**
 * Bytes that grow at their end. A line is written here field by field: a joined string would be a tree of its
 * parts, and turning that into bytes costs more than all else about a line.
 */
export class LineBuffer {
  bytes: Uint8Array;
  /** Bytes of it that are filled. */
  length = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** Any text, as UTF-8. */
  text(text: string): void {
    // Three bytes at most for each code unit.
    if (this.length + 3 * text.length > this.bytes.length) this.#grow(3 * text.length);
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  /** What a client sent: as it is when it is printable ASCII without quotes and backslashes, else by `escape`. */
  escaped(text: string, escape: (text: string) => string): void {
    const size = text.length;
    const start = this.length;
    if (start + size > this.bytes.length) this.#grow(size);
    const bytes = this.bytes;
    for (let i = 0; i < size; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.text(escape(text));
        return;
      }
      bytes[start + i] = code;
    }
    this.length = start + size;
  }

  /** Bytes prepared before. */
  constant(part: Uint8Array): void {
    const size = part.length;
    const start = this.length;
    if (start + size > this.bytes.length) this.#grow(size);
    const bytes = this.bytes;
    if (size > LOOP_BYTES) bytes.set(part, start);
    else for (let i = 0; i < size; i++) bytes[start + i] = part[i] as number;
    this.length = start + size;
  }

  /** The same for many bytes: one call that copies beats a loop. */
  copied(part: Uint8Array): void {
    const start = this.length;
    if (start + part.length > this.bytes.length) this.#grow(part.length);
    this.bytes.set(part, start);
    this.length = start + part.length;
  }

  /** A whole number from 0 to 2⁵², in decimal. */
  integer(value: number): void {
    if (value < 1000) {
      if (value < 10) this.byte(ZERO + value);
      else if (value < 100) this.digits(value, 2);
      else this.digits(value, 3);
      return;
    }
    let size = 4;
    for (let limit = 10_000; value >= limit; limit *= 10) size++;
    this.digits(value, size);
  }

  /** The last `size` decimal digits of a whole number. */
  digits(value: number, size: number): void {
    const start = this.length;
    if (start + size > this.bytes.length) this.#grow(size);
    this.length = start + size;
    if (size === 3) {
      this.threeDigits(start, value % 1000);
      return;
    }
    const bytes = this.bytes;
    let rest = value;
    for (let i = start + size - 1; i >= start; i--) {
      const tenth = Math.floor(rest / 10);
      bytes[i] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
  }

  /** Writes a number below 1000 over three bytes that are there. */
  threeDigits(at: number, value: number): void {
    const bytes = this.bytes;
    const hundreds = (value / 100) | 0;
    const rest = value - hundreds * 100;
    const tens = (rest / 10) | 0;
    bytes[at] = ZERO + hundreds;
    bytes[at + 1] = ZERO + tens;
    bytes[at + 2] = ZERO + rest - tens * 10;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = value;
  }

  #grow(by: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.length + by, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

const encoder = new TextEncoder();
