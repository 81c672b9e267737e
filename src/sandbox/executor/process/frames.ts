import { deserialize, serialize } from "node:v8";

/** Four bytes of length, little-endian, then a message as structured data. */
const HEAD = 4;

export function encodeFrame(message: unknown): Uint8Array {
  const body = serialize(message);
  const frame = new Uint8Array(HEAD + body.byteLength);
  new DataView(frame.buffer).setUint32(0, body.byteLength, true);
  frame.set(body, HEAD);
  return frame;
}

/** Takes bytes as they come, and gives the messages that are whole. */
export class FrameReader<T> {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #size = 0;

  /** @param maxBytes of one message; the other side is not trusted to be short */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws RangeError when a message is too long; the stream is of no use then */
  push(chunk: Uint8Array): T[] {
    this.#parts.push(chunk);
    this.#size += chunk.byteLength;
    const messages: T[] = [];
    for (;;) {
      if (this.#size < HEAD) return messages;
      const length = this.#peekLength();
      if (length > this.#maxBytes) throw new RangeError(`a message of ${length} bytes is too long`);
      if (this.#size < HEAD + length) return messages;
      messages.push(deserialize(this.#take(HEAD + length).subarray(HEAD)) as T);
    }
  }

  #peekLength(): number {
    const first = this.#parts[0] as Uint8Array;
    const head = first.byteLength >= HEAD ? first : this.#join();
    return new DataView(head.buffer, head.byteOffset, HEAD).getUint32(0, true);
  }

  #take(size: number): Uint8Array {
    const first = this.#parts[0] as Uint8Array;
    const whole = first.byteLength >= size ? first : this.#join();
    this.#parts = whole.byteLength > size ? [whole.subarray(size)] : [];
    if (whole.byteLength > size && this.#size > whole.byteLength)
      throw new RangeError("lost bytes");
    this.#size -= size;
    return whole.subarray(0, size);
  }

  #join(): Uint8Array {
    const whole = Buffer.concat(this.#parts);
    this.#parts = [whole];
    return whole;
  }
}
