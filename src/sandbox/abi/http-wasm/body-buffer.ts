import { GuestError } from "../../errors.ts";
import { ByteSink } from "../byte-sink.ts";

/** A body in the hands of a guest: what is there is read from the front, what it writes replaces all of it. */
export class BodyBuffer {
  readonly #given: Uint8Array | undefined;
  readonly #most: number;
  #readAt = 0;
  #written: ByteSink | undefined;

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
    this.#written ??= new ByteSink(this.#most);
    if (!this.#written.write(bytes)) {
      throw new GuestError(`the guest wrote a body of more than ${this.#most} bytes`);
    }
  }

  /** What was written, if anything was. */
  get written(): Uint8Array | undefined {
    return this.#written?.take();
  }
}
