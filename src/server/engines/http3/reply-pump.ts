import type { Source } from "../../../wire/source.ts";
import type { QuicWriter } from "./quic.ts";
import { drained } from "./quic.ts";

/** What is handed to the transport at a time when a body lies in memory. */
const SLICE_BYTES = 64 * 1024;

/**
 * Moves a body from its source to a stream at the stream's pace: no pull while the transport holds as much
 * as it wants.
 */
export class ReplyPump {
  sent = 0;
  /** Waiting for the client to take what was sent. */
  blocked = false;
  readonly #writer: QuicWriter;
  readonly #source: Source;
  readonly #done: (error: unknown) => void;
  #finished = false;

  /** @param done called once: with undefined when the last byte was handed over, else with what went wrong */
  constructor(writer: QuicWriter, source: Source, done: (error: unknown) => void) {
    this.#writer = writer;
    this.#source = source;
    this.#done = done;
  }

  async run(): Promise<void> {
    const { size } = this.#source;
    try {
      for (;;) {
        const pulled = this.#source.pull();
        const chunk = pulled instanceof Promise ? await pulled : pulled;
        if (this.#finished) return;
        if (chunk === null) break;
        if (size !== undefined && this.sent + chunk.byteLength > size) {
          throw new Error(`the body is longer than the ${size} bytes it declared`);
        }
        await this.#write(chunk);
        if (this.#finished) return;
      }
      if (size !== undefined && this.sent !== size) {
        throw new Error(`the body ended after ${this.sent} of ${size} bytes`);
      }
      this.#finished = true;
      this.#done(undefined);
    } catch (error) {
      if (this.#finished) return;
      this.#finished = true;
      this.#source.cancel(error);
      this.#done(error ?? new Error("the body failed"));
    }
  }

  /** Ends the pump from outside. */
  abort(reason: unknown): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#source.cancel(reason);
  }

  async #write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength && !this.#finished;) {
      const room = this.#writer.desiredSize;
      if (room === null) throw new Error("the client does not take the answer any more");
      // A write that is refused took nothing; one that is taken may be larger than the room there was.
      const part = chunk.subarray(at, at + SLICE_BYTES);
      if (room > 0 && this.#writer.writeSync(part)) {
        at += part.byteLength;
        this.sent += part.byteLength;
        continue;
      }
      this.blocked = true;
      await drained(this.#writer);
      this.blocked = false;
    }
  }
}

/** A body in memory as a source. */
export function sourceOf(bytes: Uint8Array): Source {
  let left: Uint8Array | null = bytes;
  return {
    size: bytes.byteLength,
    pull() {
      const chunk = left;
      left = null;
      return chunk;
    },
    cancel() {
      left = null;
    },
  };
}
