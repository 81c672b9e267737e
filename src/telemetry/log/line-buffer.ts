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

  /** A whole number from 0 to 2⁵², in decimal. */
  integer(value: number): void {
    let size = 1;
    for (let limit = 10; value >= limit; limit *= 10) size++;
    this.digits(value, size);
  }

  /** The last `size` decimal digits of a whole number. */
  digits(value: number, size: number): void {
    const start = this.length;
    if (start + size > this.bytes.length) this.#grow(size);
    const bytes = this.bytes;
    let rest = value;
    for (let i = start + size - 1; i >= start; i--) {
      const tenth = Math.floor(rest / 10);
      bytes[i] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.length = start + size;
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
