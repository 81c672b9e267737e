import { HeaderList } from "../../http/header-list.ts";
import type { Source } from "../source.ts";
import type { TrailerLimits } from "./chunked-decoder.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";
import type { HeadProblem } from "./head-problem.ts";

/** The reading half of a connection, as content uses it. */
export interface FlowControl {
  pause(): void;
  resume(): void;
}

/** Lengths that are no number of bytes. */
export const CHUNKED = -1;
export const UNTIL_CLOSE = -2;

/**
 * The content of an HTTP/1.1 message. The connection feeds it, somebody pulls it; what was fed and not yet
 * pulled is at most one read of the socket, after which the connection is told to stop.
 */
export class Content implements Source {
  readonly size: number | undefined;
  trailers: HeaderList | undefined;
  /** Whether anybody asked for it yet. */
  pulled = false;
  /** The last byte has arrived. */
  ended = false;
  /** Bytes that have arrived, framing removed. */
  received = 0;

  protected error: unknown;
  /** Bytes that are still to come, where that is known. */
  protected left: number;
  readonly #flow: FlowControl;
  readonly #decoder: ChunkedDecoder | undefined;
  #queue: Uint8Array[] = [];
  #discarding = false;
  #resolve: ((chunk: Uint8Array | null) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  /** @param length bytes, {@link CHUNKED} or {@link UNTIL_CLOSE} */
  constructor(length: number, flow: FlowControl, limits: TrailerLimits) {
    this.#flow = flow;
    this.size = length < 0 ? undefined : length;
    this.left = length === UNTIL_CLOSE ? Infinity : length;
    this.#decoder = length === CHUNKED ? new ChunkedDecoder(limits) : undefined;
  }

  /** Somebody is waiting for bytes that have not come. */
  get waiting(): boolean {
    return this.#resolve !== undefined;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    this.pulled = true;
    const next = this.#queue.shift();
    if (next !== undefined) {
      if (this.#queue.length === 0 && !this.ended) this.want();
      return next;
    }
    if (this.error !== undefined) throw this.error;
    if (this.ended || this.#discarding) return null;
    const answer = new Promise<Uint8Array | null>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.want();
    return answer;
  }

  cancel(): void {
    this.discard();
  }

  /** From now on bytes are read and forgotten. */
  discard(): void {
    this.#discarding = true;
    this.#queue = [];
    this.#settle(null);
    if (!this.ended) this.#flow.resume();
  }

  /**
   * Takes what belongs to the content from `bytes`.
   * @returns the offset behind it, or the problem that ends the connection
   */
  feed(bytes: Uint8Array, from: number): number | HeadProblem {
    if (this.#decoder !== undefined) return this.#feedChunked(this.#decoder, bytes, from);
    const end = Math.min(from + this.left, bytes.byteLength);
    this.left -= end - from;
    if (end > from) this.#accept(bytes.subarray(from, end));
    if (this.left === 0) this.end();
    return end;
  }

  #feedChunked(decoder: ChunkedDecoder, bytes: Uint8Array, from: number): number | HeadProblem {
    let at = from;
    for (;;) {
      const data = decoder.next(bytes, at);
      at = decoder.at;
      if (data === undefined) break;
      const problem = this.judge(data.byteLength);
      if (problem !== undefined) return problem;
      this.#accept(data);
    }
    if (decoder.problem !== undefined) {
      this.fail(this.asError(decoder.problem));
      return decoder.problem;
    }
    if (decoder.done) {
      if (decoder.trailers.length > 0) this.trailers = new HeaderList(decoder.trailers);
      this.end();
    }
    return at;
  }

  /** The rest will never come. */
  fail(error: unknown): void {
    if (this.ended || this.error !== undefined) return;
    this.error = error;
    const reject = this.#reject;
    this.#resolve = undefined;
    this.#reject = undefined;
    reject?.(error);
  }

  /** The last byte has arrived. */
  end(): void {
    this.ended = true;
    if (this.#queue.length === 0) this.#settle(null);
  }

  /** Asks for more bytes. */
  protected want(): void {
    this.#flow.resume();
  }

  /** Whether `more` bytes of a chunked body are too many; it has failed then. */
  protected judge(_more: number): HeadProblem | undefined {
    return undefined;
  }

  /** What a reader is thrown. */
  protected asError({ code, detail }: HeadProblem): unknown {
    return new Error(`${code}: ${detail}`);
  }

  #accept(data: Uint8Array): void {
    this.received += data.byteLength;
    if (this.#discarding) return;
    if (this.#resolve !== undefined) {
      this.#settle(data);
      return;
    }
    this.#queue.push(data);
    // Of content that is complete no more comes, so there is nothing to hold back.
    if (this.left !== 0) this.#flow.pause();
  }

  #settle(chunk: Uint8Array | null): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#reject = undefined;
    resolve?.(chunk);
  }
}
