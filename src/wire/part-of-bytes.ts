import { part } from "../runtime/bytes.ts";
import type { Source } from "./source.ts";

/**
 * Content that came whole, among other bytes. It is taken out of them only where somebody looks at it: a typed array
 * of its own costs more than all else that is done with a thousand bytes.
 */
export class PartOfBytes implements Source {
  readonly size: number;
  readonly from: number;
  /** What it lies in; undefined once it was taken, or nobody wants it. */
  bytes: Uint8Array | undefined;

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.bytes = bytes;
    this.from = from;
    this.size = to - from;
  }

  pull(): Uint8Array | null {
    const { bytes, from } = this;
    this.bytes = undefined;
    return bytes === undefined ? null : part(bytes, from, from + this.size);
  }

  cancel(): void {
    this.bytes = undefined;
  }
}
