import { GuestError } from "../../errors.ts";

/** A body in the hands of a guest: what is there is read from the front, what it writes replaces all of it. */
export class BodyBuffer {
  readonly #given: Uint8Array | undefined;
  readonly #most: number;
  #readAt = 0;
  #written: Uint8Array[] | undefined;
  #bytes = 0;

  /** @param given undefined when it is not to be read @param most bytes that may be written */
  constructor(given: Uint8Array | undefined, most: number) {
    this.#given = given;
    this.#most = most;
  }

  /** @throws GuestError when the body was not read for the guest */
  read(into: Uint8Array): { eof: boolean; bytes: number } {
    if (this.#given === undefined) {
      throw new GuestError("this body is not to be read here: enable_features asks for it");
    }
    const chunk = this.#given.subarray(this.#readAt, this.#readAt + into.byteLength);
    into.set(chunk);
    this.#readAt += chunk.byteLength;
    return { eof: this.#readAt >= this.#given.byteLength, bytes: chunk.byteLength };
  }

  write(bytes: Uint8Array): void {
    this.#written ??= [];
    this.#bytes += bytes.byteLength;
    if (this.#bytes > this.#most) {
      throw new GuestError(`the guest wrote a body of more than ${this.#most} bytes`);
    }
    // The guest goes on writing into its memory.
    this.#written.push(bytes.slice());
  }

  /** What was written, if anything was. */
  get written(): Uint8Array | undefined {
    if (this.#written === undefined) return undefined;
    const all = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#written) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    return all;
  }
}
