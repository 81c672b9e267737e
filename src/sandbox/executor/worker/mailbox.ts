import { deserialize, serialize } from "node:v8";
import type { HostAnswer } from "./messages.ts";

/** Where a thread waits for an answer of its host: how many bytes have come, how many there are, then a part. */
const STATE = 0;
const TOTAL = 1;
const PART = 2;
const HEAD_BYTES = 16;
const WINDOW = 256 * 1024;

/** Values of STATE. */
const WAITING = 0;
const READY = 1;

export function createMailbox(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_BYTES + WINDOW);
}

/** The server's side. Long answers go through the window in parts, each as the thread asks for it. */
export class MailboxWriter {
  readonly #head: Int32Array;
  readonly #window: Uint8Array;
  #rest: Uint8Array | undefined;

  constructor(buffer: SharedArrayBuffer) {
    this.#head = new Int32Array(buffer, 0, HEAD_BYTES / 4);
    this.#window = new Uint8Array(buffer, HEAD_BYTES);
  }

  answer(answer: HostAnswer): void {
    const bytes = serialize(answer);
    this.#head[TOTAL] = bytes.byteLength;
    this.#rest = bytes;
    this.more();
  }

  /** The thread has taken a part and waits for the next. */
  more(): void {
    const rest = this.#rest ?? new Uint8Array();
    const part = rest.subarray(0, WINDOW);
    this.#window.set(part);
    this.#head[PART] = part.byteLength;
    this.#rest = part.byteLength < rest.byteLength ? rest.subarray(WINDOW) : undefined;
    Atomics.store(this.#head, STATE, READY);
    Atomics.notify(this.#head, STATE);
  }
}

/** The thread's side. */
export class MailboxReader {
  readonly #head: Int32Array;
  readonly #window: Uint8Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#head = new Int32Array(buffer, 0, HEAD_BYTES / 4);
    this.#window = new Uint8Array(buffer, HEAD_BYTES);
  }

  /**
   * Waits for the answer to a question. The thread does nothing else meanwhile.
   * @param ask puts the question
   * @param more asks for the next part of a long answer
   */
  wait(ask: () => void, more: () => void): HostAnswer {
    Atomics.store(this.#head, STATE, WAITING);
    ask();
    let whole: Uint8Array | undefined;
    let at = 0;
    for (;;) {
      Atomics.wait(this.#head, STATE, WAITING);
      const total = this.#head[TOTAL] as number;
      whole ??= new Uint8Array(total);
      const part = this.#head[PART] as number;
      whole.set(this.#window.subarray(0, part), at);
      at += part;
      if (at >= total) return deserialize(whole) as HostAnswer;
      Atomics.store(this.#head, STATE, WAITING);
      more();
    }
  }
}
