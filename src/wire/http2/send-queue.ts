import { DEFAULT_WINDOW } from "./frames.ts";
import type { FrameWriter } from "./frame-writer.ts";

/** Something with DATA to send. */
export interface Sender {
  /** Its own window. */
  window: number;
  /** Sends what it can, and waits here again if that was not all. */
  run(): void;
}

/** Whose turn it is to send DATA, in order, as far as the connection's window and the socket allow. */
export class SendQueue {
  /** What may still be sent on all streams together. */
  window = DEFAULT_WINDOW;
  readonly #writer: FrameWriter;
  readonly #waiting = new Set<Sender>();
  #scheduled = false;

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  get open(): boolean {
    return this.window > 0 && !this.#writer.blocked;
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** A sender that can go no further for now, or has had its turn. */
  wait(sender: Sender): void {
    this.#waiting.add(sender);
    if (this.open && sender.window > 0) this.#schedule();
  }

  forget(sender: Sender): void {
    this.#waiting.delete(sender);
  }

  /** A sender's own window has opened. */
  wake(sender: Sender): void {
    if (this.#waiting.delete(sender)) sender.run();
  }

  /** The window or the socket has opened: everybody's turn, those who cannot go on at the end of the line again. */
  resume(): void {
    // A copy: who cannot go on waits here again, and must not have another turn at once.
    for (const sender of Array.from(this.#waiting)) {
      if (!this.open) break;
      this.wake(sender);
    }
    this.#writer.flush();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.resume();
    });
  }
}
