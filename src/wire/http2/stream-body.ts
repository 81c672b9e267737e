import type { Source } from "../source.ts";
import type { HeaderList } from "../../http/header-list.ts";

/** What a body tells its stream. */
export interface BodyOwner {
  /** Somebody asks for the first time. */
  bodyWanted(): void;
  /** Bytes were used: the peer may send as many again. */
  bodyUsed(bytes: number): void;
}

/** Less than this in a frame is copied. */
const SMALL_BYTES = 2 * 1024;
/** Into buffers of this size. */
const TAIL_BYTES = 4 * 1024;

/**
 * The content of an HTTP/2 message. What has arrived and was not pulled is bounded by the stream's window,
 * which is opened again only by pulling.
 */
export class StreamBody implements Source {
  readonly size: number | undefined;
  trailers: HeaderList | undefined;
  received = 0;
  ended = false;
  pulled = false;
  /** After a takeover: bytes of another protocol, which may be many and may pause. */
  tunnel = false;
  readonly #owner: BodyOwner;
  #queue: Uint8Array[] = [];
  #queued = 0;
  /** What is queued was counted as used already. */
  #returned = false;
  /** The last of the queue, while small pieces can still be added to it. */
  #tail: Uint8Array | undefined;
  #error: unknown;
  #waiting: PromiseWithResolvers<Uint8Array | null> | undefined;

  constructor(owner: BodyOwner, size: number | undefined) {
    this.#owner = owner;
    this.size = size;
  }

  /** Somebody is waiting for bytes that have not come. */
  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    if (!this.pulled) {
      this.pulled = true;
      this.#checkSize(this.size ?? 0);
      if (this.#error === undefined && !this.ended) this.#owner.bodyWanted();
    }
    const next = this.#queue.shift();
    if (next !== undefined) {
      this.#queued -= next.byteLength;
      if (!this.#returned) this.#owner.bodyUsed(next.byteLength);
      return next;
    }
    if (this.#error !== undefined) throw this.#error;
    if (this.ended) return null;
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  /**
   * Takes the content when all of it has come, in one piece at most and without trailers.
   * @returns undefined where it has to be pulled, null for none
   */
  takeWhole(): Uint8Array | null | undefined {
    const some = this.trailers !== undefined || this.#queue.length > 1;
    if (!this.ended || some || this.#error !== undefined) return undefined;
    const [all] = this.#queue;
    if (all === undefined) return null;
    this.#queue = [];
    this.#queued = 0;
    this.#owner.bodyUsed(all.byteLength);
    return all;
  }

  cancel(_reason?: unknown): void {
    this.fail(new Error("the content was given up"));
  }

  /** Bytes of DATA. */
  feed(data: Uint8Array): void {
    this.received += data.byteLength;
    if (this.#error === undefined) this.#checkSize(this.received);
    if (this.#error !== undefined) {
      this.#owner.bodyUsed(data.byteLength);
      return;
    }
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#keep(data);
      return;
    }
    this.#waiting = undefined;
    this.#owner.bodyUsed(data.byteLength);
    waiting.resolve(data);
  }

  /**
   * Small pieces are copied together: a view for each would let a peer that sends single bytes, padded,
   * hold several hundred times the memory that its window allows.
   */
  #keep(data: Uint8Array): void {
    this.#queued += data.byteLength;
    if (data.byteLength >= SMALL_BYTES || this.#queue.length === 0) {
      this.#queue.push(data);
      this.#tail = undefined;
      return;
    }
    let tail = this.#queue.length > 0 ? this.#tail : undefined;
    if (tail === undefined || tail.byteLength + data.byteLength > TAIL_BYTES) {
      tail = new Uint8Array(new ArrayBuffer(TAIL_BYTES), 0, 0);
      this.#queue.push(tail);
    }
    const from = tail.byteLength;
    tail = new Uint8Array(tail.buffer, 0, from + data.byteLength);
    tail.set(data, from);
    this.#queue[this.#queue.length - 1] = tail;
    this.#tail = tail;
  }

  /** The last byte has arrived. */
  end(): void {
    this.ended = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(null);
  }

  /** The rest will not be read, or never come. What was queued is given up. */
  fail(error: unknown): void {
    if (this.#error !== undefined || this.#returned) return;
    // What a tunnel has received to its end can still be read. Whether it ever is must not matter to the others
    // on this connection, whose window it fills.
    if (this.tunnel && this.ended) {
      this.#returned = true;
      if (this.#queued > 0) this.#owner.bodyUsed(this.#queued);
      return;
    }
    if (this.ended && this.#queue.length === 0) return;
    this.#error = error;
    this.#queue = [];
    if (this.#queued > 0) this.#owner.bodyUsed(this.#queued);
    this.#queued = 0;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  /** What is wrong with content of so many bytes, or undefined. */
  protected judge(_bytes: number): unknown {
    return undefined;
  }

  #checkSize(bytes: number): void {
    if (this.tunnel) return;
    const problem = this.judge(bytes);
    if (problem !== undefined) this.fail(problem);
  }
}
