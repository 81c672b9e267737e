import { GuestError } from "../errors.ts";
import type { Guest } from "./abi.ts";

/** The memory of a guest as host functions read and write it: every range is checked. */
export class GuestMemory {
  readonly #guest: Guest;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** The whole of it, until the guest runs again: it may grow, and the old buffer is gone then. */
  get all(): Uint8Array {
    const { buffer } = this.#guest.memory;
    if (this.#bytes.buffer !== buffer) {
      this.#bytes = new Uint8Array(buffer);
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
    const { all } = this;
    const start = pointer >>> 0;
    const bytes = length >>> 0;
    if (start + bytes > all.byteLength) {
      throw new GuestError(
        `a host function was given ${bytes} bytes at ${start}, outside of the guest's ${all.byteLength} bytes of memory`,
      );
    }
    return all.subarray(start, start + bytes);
  }

  /** Whether a range lies inside, for ABIs that have an error code for it. */
  holds(pointer: number, length: number): boolean {
    return (pointer >>> 0) + (length >>> 0) <= this.all.byteLength;
  }

  /** UTF-8; what is none becomes U+FFFD. @param most bytes; the rest is left out */
  text(pointer: number, length: number, most = Number.MAX_SAFE_INTEGER): string {
    const bytes = this.range(pointer, length);
    return decoder.decode(bytes.byteLength > most ? bytes.subarray(0, most) : bytes);
  }

  /** Writes where there is room for all of it, else nothing. @returns its length */
  writeWithin(pointer: number, limit: number, bytes: Uint8Array): number {
    if (bytes.byteLength > 0 && bytes.byteLength <= limit >>> 0) {
      this.range(pointer, bytes.byteLength).set(bytes);
    }
    return bytes.byteLength;
  }
}

const decoder = new TextDecoder();
