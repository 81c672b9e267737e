import { GuestError } from "../errors.ts";
import type { Guest } from "./abi.ts";

/** Texts up to so many bytes are read and written without a call out of JavaScript. */
const SHORT = 64;
/** Texts that are remembered; a power of two. */
const PLACES = 32;
const NO_BUFFER = new ArrayBuffer(0);

/** The memory of a guest as host functions read and write it: every range is checked. */
export class GuestMemory {
  readonly #guest: Guest;
  #buffer: ArrayBuffer = NO_BUFFER;
  #bytes = new Uint8Array(this.#buffer);
  /** The same, for text; never handed out, as a slice of a Buffer is no copy. */
  #text: Buffer = Buffer.from(this.#bytes.buffer);
  #view = new DataView(this.#bytes.buffer);
  /** Texts that lay somewhere when last looked at: names of fields and the like mostly do not change. */
  readonly #texts: (string | undefined)[] = [];

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** The whole of it, until the guest runs again: it may grow, and the old buffer is gone then. */
  get #all(): Uint8Array {
    const { buffer } = this.#guest.memory;
    if (this.#buffer !== buffer) {
      this.#buffer = buffer;
      this.#bytes = new Uint8Array(buffer);
      this.#text = Buffer.from(buffer);
      this.#view = new DataView(buffer);
    }
    return this.#bytes;
  }

  /** All of it, to write anywhere. */
  get view(): DataView {
    this.#guest.touched(0, this.#all.byteLength);
    return this.#view;
  }

  /** To read and to write. @throws GuestError when it lies outside, wholly or in part */
  range(pointer: number, length: number): Uint8Array {
    const start = pointer >>> 0;
    const bytes = length >>> 0;
    this.#check(start, bytes);
    this.#guest.touched(start, start + bytes);
    return this.#bytes.subarray(start, start + bytes);
  }

  /** UTF-8; what is none becomes U+FFFD. @param most bytes; the rest is left out */
  text(pointer: number, length: number, most = Number.MAX_SAFE_INTEGER): string {
    const bytes = this.range(pointer, length);
    return decoder.decode(bytes.byteLength > most ? bytes.subarray(0, most) : bytes);
  }

  /** Bytes as characters, as header fields are kept. */
  latin1(pointer: number, length: number): string {
    const start = pointer >>> 0;
    this.#check(start, length >>> 0);
    if (length >>> 0 > SHORT) return this.#text.toString("latin1", start, start + (length >>> 0));
    const place = (start ^ (length << 3)) & (PLACES - 1);
    const last = this.#texts[place];
    if (last !== undefined && last.length === length && isAt(this.#bytes, start, last)) return last;
    const text = this.#text.toString("latin1", start, start + length);
    this.#texts[place] = text;
    return text;
  }

  /** The same for writing, where there is room for all of it. @returns its length */
  writeLatin1(pointer: number, limit: number, text: string): number {
    const { length } = text;
    if (length === 0 || length > limit >>> 0) return length;
    const start = pointer >>> 0;
    this.#check(start, length);
    this.#guest.touched(start, start + length);
    if (length > SHORT) this.#text.write(text, start, length, "latin1");
    else for (let i = 0; i < length; i++) this.#bytes[start + i] = text.charCodeAt(i);
    return length;
  }

  /** Writes where there is room for all of it, else nothing. @returns its length */
  writeWithin(pointer: number, limit: number, bytes: Uint8Array): number {
    if (bytes.byteLength > 0 && bytes.byteLength <= limit >>> 0) {
      this.range(pointer, bytes.byteLength).set(bytes);
    }
    return bytes.byteLength;
  }

  #check(start: number, bytes: number): void {
    const { byteLength } = this.#all;
    if (start + bytes <= byteLength) return;
    throw new GuestError(
      `a host function was given ${bytes} bytes at ${start}, outside of the guest's ${byteLength} bytes of memory`,
    );
  }
}

/** Whether these characters, one byte each, lie there. */
function isAt(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

const decoder = new TextDecoder();
