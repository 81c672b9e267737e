import type { LinePart } from "./line-part.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Words are written whole: so much behind the end may be written over. */
const SPARE = 4;

/** The decimal digits of the numbers below 1000 as words: always three, and as many as it takes. */
const THREE = new Int32Array(1000);
const PLAIN = new Int32Array(1000);
for (let i = 0; i < 1000; i++) {
  THREE[i] = wordOf(String(i).padStart(3, "0"));
  PLAIN[i] = wordOf(String(i));
}

/** Of up to four ASCII characters. */
function wordOf(text: string): number {
  let word = 0;
  for (let i = 0; i < text.length; i++) word |= text.charCodeAt(i) << (8 * i);
  return word;
}

/**
 * Bytes that grow at their end. A line is written here field by field: a joined string would be a tree of its
 * parts, and turning that into bytes costs more than all else about a line.
 */
export class LineBuffer {
  /** Bytes that are filled. */
  length = 0;
  #bytes: Uint8Array;
  #view: DataView;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#view = viewOf(this.#bytes);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Goes on with other bytes; those so far are the caller's. */
  set bytes(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  /** Any text, as UTF-8. */
  text(text: string): void {
    // Three bytes at most for each code unit.
    this.#reserve(3 * text.length);
    this.length += encoder.encodeInto(text, this.#bytes.subarray(this.length)).written;
  }

  /** What a client sent: as it is when it is printable ASCII without quotes and backslashes, else by `escape`. */
  escaped(text: string, escape: (text: string) => string): void {
    const size = text.length;
    this.#reserve(size);
    const start = this.length;
    const bytes = this.#bytes;
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

  /** What was prepared before. */
  part({ size, words }: LinePart): void {
    this.#reserve(size);
    const view = this.#view;
    let at = this.length;
    for (let i = 0; i < words.length; i++, at += 4) view.setInt32(at, words[i] as number, true);
    this.length += size;
  }

  /** The same for many bytes: one call that copies beats a loop. */
  copied(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A whole number from 0 to 2⁵², in decimal. */
  integer(value: number): void {
    if (value >= 1000) {
      const thousands = Math.floor(value / 1000);
      this.integer(thousands);
      this.threeDigits(value - 1000 * thousands);
      return;
    }
    this.#reserve(3);
    this.#view.setInt32(this.length, PLAIN[value] as number, true);
    this.length += value < 10 ? 1 : value < 100 ? 2 : 3;
  }

  /** A whole number below 1000, filled up with zeros. */
  threeDigits(value: number): void {
    this.#reserve(3);
    this.#view.setInt32(this.length, THREE[value] as number, true);
    this.length += 3;
  }

  /** The same over three bytes that are there. */
  replaceDigits(at: number, value: number): void {
    const word = THREE[value] as number;
    this.#view.setInt16(at, word, true);
    this.#bytes[at + 2] = word >> 16;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  #reserve(size: number): void {
    if (this.length + size + SPARE > this.#bytes.length) this.#grow(size);
  }

  #grow(by: number): void {
    const size = Math.max(this.length + by + SPARE, 2 * this.#bytes.length);
    const larger = Buffer.allocUnsafeSlow(size);
    larger.set(this.#bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const encoder = new TextEncoder();
