import { Opcode } from "./opcode.ts";

/** The longest head of a frame (RFC 6455 5.2). */
const HEAD_BYTES = 14;

/** Follows the frames that go in one direction, without looking into them, to know where one ends. */
export class FrameBoundaries {
  /** A Close was among them: nothing may follow. */
  closing = false;
  readonly #head = new Uint8Array(HEAD_BYTES);
  #headBytes = 0;
  /** Of the payload so many bytes are to come. */
  #left = 0;

  /** Whether the last frame has ended, and none has begun. */
  get between(): boolean {
    return this.#headBytes === 0 && this.#left === 0;
  }

  /** @returns where behind a frame the last one in `chunk` ends; -1 where none does */
  follow(chunk: Uint8Array): number {
    let end = -1;
    for (let at = 0; at < chunk.byteLength;) {
      if (this.#left === 0) {
        this.#head[this.#headBytes++] = chunk[at++] as number;
        if (!this.#isHeadWhole()) continue;
        this.#begin();
      } else {
        const taken = Math.min(this.#left, chunk.byteLength - at);
        this.#left -= taken;
        at += taken;
      }
      if (this.#left === 0) end = at;
    }
    return end;
  }

  #isHeadWhole(): boolean {
    if (this.#headBytes < 2) return false;
    const second = this.#head[1] as number;
    const length = second & 0x7f;
    const extended = length < 126 ? 0 : length === 126 ? 2 : 8;
    return this.#headBytes === 2 + extended + ((second & 0x80) === 0 ? 0 : 4);
  }

  #begin(): void {
    const head = this.#head;
    let length = (head[1] as number) & 0x7f;
    const extended = length < 126 ? 0 : length === 126 ? 2 : 8;
    if (extended > 0) length = 0;
    for (let i = 2; i < 2 + extended; i++) length = length * 256 + (head[i] as number);
    this.#left = length;
    this.#headBytes = 0;
    if (((head[0] as number) & 0x0f) === Opcode.close) this.closing = true;
  }
}
