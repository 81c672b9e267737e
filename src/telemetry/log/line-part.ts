/** A text that comes in many lines, prepared to be copied four bytes at a time. */
export class LinePart {
  /** In bytes. */
  readonly size: number;
  /** Its UTF-8, little endian, filled up with zeros. */
  readonly words: Int32Array;

  constructor(text: string) {
    const bytes = encoder.encode(text);
    this.size = bytes.length;
    this.words = new Int32Array((bytes.length + 3) >> 2);
    const view = new DataView(this.words.buffer);
    for (let i = 0; i < bytes.length; i++) view.setUint8(i, bytes[i] as number);
    for (let i = 0; i < this.words.length; i++) this.words[i] = view.getInt32(4 * i, true);
  }
}

const encoder = new TextEncoder();
