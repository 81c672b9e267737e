import { GuestError } from "../errors.ts";
import type { Guest } from "./abi.ts";

/** The memory of a guest as host functions read and write it: every range is checked. */
export class GuestMemory {
  readonly #guest: Guest;
  #bytes = new Uint8Array(0);
  /** The same, for text; never handed out, as a slice of a Buffer is no copy. */
  #text: Buffer = Buffer.from(this.#bytes.buffer);
  #view = new DataView(this.#bytes.buffer);

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** The whole of it, until the guest runs again: it may grow, and the old buffer is gone then. */
  get all(): Uint8Array {
    const { buffer } = this.#guest.memory;
    if (this.#bytes.buffer !== buffer) {
      this.#bytes = new Uint8Array(buffer);
      this.#text = Buffer.from(buffer);
      this.#view = new DataView(buffer);
    }
    return this.#bytes;
  }

  get view(): DataView {
    void this.all;
    return this.#view;
  }

  /** @throws GuestError when it lies outside, wholly or in part */
  range(pointer: number, length: number): Uint8Array {
    this.#check(pointer >>> 0, length >>> 0);
    return this.#bytes.subarray(pointer >>> 0, (pointer >>> 0) + (length >>> 0));
  }

  /** UTF-8; what is none becomes U+FFFD. @param most bytes; the rest is left out */
  text(pointer: number, length: number, most = Number.MAX_SAFE_INTEGER): string {
    const bytes = this.range(pointer, length);
    return decoder.decode(bytes.byteLength > most ? bytes.subarray(0, most) : bytes);
  }

  /** Bytes as characters, as header fields are kept. */
  latin1(pointer: number, length: number): string {
    this.#check(pointer >>> 0, length >>> 0);
    return this.#text.toString("latin1", pointer >>> 0, (pointer >>> 0) + (length >>> 0));
  }

  /** The same for writing, where there is room for all of it. @returns its length */
  writeLatin1(pointer: number, limit: number, text: string): number {
    const { length } = text;
    if (length > 0 && length <= limit >>> 0) {
      this.#check(pointer >>> 0, length);
      this.#text.write(text, pointer >>> 0, length, "latin1");
    }
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
    const { byteLength } = this.all;
    if (start + bytes <= byteLength) return;
    throw new GuestError(
      `a host function was given ${bytes} bytes at ${start}, outside of the guest's ${byteLength} bytes of memory`,
    );
  }
}

const decoder = new TextDecoder();
