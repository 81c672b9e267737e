import type { Duplex } from "../../wire/duplex.ts";

/** Frames of one turn are joined up to here, so that they leave in one write. */
const JOIN_BYTES = 64 * 1024;

/** Above this the sender is asked to wait. */
const HIGH_WATER_BYTES = 64 * 1024;

/**
 * Frames on their way out. What the transport does not take waits here and not there, frame by frame, so that
 * it is known how much waits, and what has not begun can still be thrown away.
 */
export class Outbox {
  readonly #duplex: Duplex;
  readonly #onDrain: () => void;
  readonly #onBroken: (reason: unknown) => void;
  #queue: Uint8Array[] = [];
  #head = 0;
  #queuedBytes = 0;
  /** Handed to the transport, which has not sent all of it. */
  #heldBytes = 0;
  #blocked = false;
  #scheduled = false;
  #ending = false;
  #endSent = false;
  #closed = false;
  #wanted = false;
  #waiting: { resolve: () => void; reject: (reason: unknown) => void } | undefined;
  #waited: Promise<void> | undefined;
  #onEnd: () => void = () => {};
  /** Resolves when our side has ended, or the connection is gone. */
  readonly ended = new Promise<void>((resolve) => (this.#onEnd = resolve));

  /** @param onDrain everything has left, after {@link send} had answered false */
  constructor(duplex: Duplex, onDrain: () => void, onBroken: (reason: unknown) => void) {
    this.#duplex = duplex;
    this.#onDrain = onDrain;
    this.#onBroken = onBroken;
  }

  /** Bytes that the transport has not sent, at most. */
  get bytes(): number {
    return this.#queuedBytes + this.#heldBytes;
  }

  /** @returns false when so much waits that the sender should wait for {@link drained} */
  send(frame: Uint8Array): boolean {
    if (this.#closed || this.#ending) return false;
    this.#queue.push(frame);
    this.#queuedBytes += frame.byteLength;
    if (this.#blocked) return this.#judge();
    if (this.#queuedBytes >= JOIN_BYTES) {
      this.#flush();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(this.#flushScheduled);
    }
    return this.#judge();
  }

  /** Resolves once everything has left, or at once. Rejects when the connection ends before. */
  drained(): Promise<void> {
    if (this.#closed) return Promise.reject(new Error("the connection is closed"));
    if (this.bytes === 0) return Promise.resolve();
    this.#waited ??= new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
    return this.#waited;
  }

  /** Has the drain told of, though nothing was added. */
  wantDrain(): void {
    this.#wanted = true;
  }

  /** Throws away what has not begun to leave. */
  clear(): void {
    this.#queue.length = 0;
    this.#head = 0;
    this.#queuedBytes = 0;
  }

  /** Ends our side behind what is queued. */
  end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    if (!this.#blocked) this.#flush();
  }

  /** Nothing can be sent any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onEnd();
    this.clear();
    this.#heldBytes = 0;
    // Whoever does not wait any more must not make it an unhandled rejection.
    this.#waited?.catch(() => {});
    this.#waiting?.reject(new Error("the connection is closed"));
    this.#waiting = undefined;
    this.#waited = undefined;
  }

  #judge(): boolean {
    if (this.bytes <= HIGH_WATER_BYTES) return true;
    this.#wanted = true;
    return false;
  }

  readonly #flushScheduled = (): void => {
    this.#scheduled = false;
    if (!this.#blocked) this.#flush();
  };

  #flush(): void {
    while (!this.#closed && this.#head < this.#queue.length) {
      const bytes = this.#take();
      if (this.#duplex.write(bytes)) continue;
      this.#blocked = true;
      this.#heldBytes = bytes.byteLength;
      this.#duplex.drained().then(this.#unblock, this.#break);
      return;
    }
    if (this.#closed) return;
    if (this.#ending) this.#endNow();
    this.#waiting?.resolve();
    this.#waiting = undefined;
    this.#waited = undefined;
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#onDrain();
  }

  #endNow(): void {
    if (this.#endSent) return;
    this.#endSent = true;
    this.#duplex.end();
    this.#onEnd();
  }

  /** The next frames that fit into one write; a long one goes alone. */
  #take(): Uint8Array {
    const queue = this.#queue;
    const from = this.#head;
    let size = (queue[from] as Uint8Array).byteLength;
    let end = from + 1;
    for (; end < queue.length; end++) {
      const next = (queue[end] as Uint8Array).byteLength;
      if (size + next > JOIN_BYTES) break;
      size += next;
    }
    this.#queuedBytes -= size;
    this.#head = end;
    let bytes = queue[from] as Uint8Array;
    if (end > from + 1) {
      bytes = new Uint8Array(size);
      let at = 0;
      for (let i = from; i < end; i++) {
        bytes.set(queue[i] as Uint8Array, at);
        at += (queue[i] as Uint8Array).byteLength;
      }
    }
    if (end === queue.length) this.clear();
    else if (end > 32) {
      // What has left must not be kept by what waits.
      this.#queue = queue.slice(end);
      this.#head = 0;
    }
    return bytes;
  }

  readonly #unblock = (): void => {
    this.#blocked = false;
    this.#heldBytes = 0;
    this.#flush();
  };

  readonly #break = (reason: unknown): void => {
    if (!this.#closed) this.#onBroken(reason);
  };
}
