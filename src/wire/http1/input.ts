import { GrowingBytes } from "../growing-bytes.ts";

/** Bytes read from a connection and not yet used. */
export class Input {
  /** What is there, to be read from {@link at}; undefined when all was used. */
  bytes: Uint8Array | undefined;
  at = 0;
  /** Set while a head comes in pieces. */
  #partial: GrowingBytes | undefined;
  /** How much there was when a head was last looked for. */
  #tried = 0;

  get length(): number {
    return this.bytes === undefined ? 0 : this.bytes.byteLength - this.at;
  }

  append(chunk: Uint8Array): void {
    if (this.bytes === undefined) {
      this.bytes = chunk;
      this.at = 0;
      return;
    }
    if (this.#partial === undefined) {
      this.#partial = new GrowingBytes(this.bytes.slice(this.at));
      this.#tried = Math.max(this.#tried - this.at, 0);
      this.at = 0;
    }
    this.#partial.append(chunk);
    this.bytes = this.#partial.view;
  }

  /** Everything before `offset` was used. */
  use(offset: number): void {
    this.at = offset;
    this.#tried = 0;
    this.#partial = undefined;
    if (this.bytes !== undefined && offset >= this.bytes.byteLength) this.bytes = undefined;
  }

  /** The rest, which is no longer held here. */
  take(): Uint8Array | undefined {
    const rest = this.bytes?.subarray(this.at);
    this.clear();
    return rest;
  }

  clear(): void {
    this.bytes = undefined;
    this.at = 0;
    this.#partial = undefined;
    this.#tried = 0;
  }

  /** Notes that what is there is not a whole head. */
  headIncomplete(): void {
    this.#tried = this.bytes?.byteLength ?? 0;
  }

  /**
   * Whether another look at the head can have another outcome: a line has ended, well or badly, the bytes
   * have doubled, or there are too many. So a head that trickles in byte by byte stays cheap.
   */
  worthParsing(limit: number): boolean {
    const bytes = this.bytes;
    if (bytes === undefined) return false;
    const length = bytes.byteLength;
    const tried = this.#tried;
    if (tried === 0 || length >= tried * 2 || length - this.at >= limit) return true;
    if (bytes.indexOf(0x0a, tried) >= 0) return true;
    const carriageReturn = bytes.indexOf(0x0d, tried - 1);
    return carriageReturn >= 0 && carriageReturn < length - 1;
  }
}
