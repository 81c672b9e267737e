import { HttpError } from "../../../core/errors.ts";
import type { Source } from "../../../core/source.ts";
import { HeaderList } from "../../../http/header-list.ts";
import { ChunkedDecoder } from "../../../wire/http1/chunked-decoder.ts";
import type { HeadProblem } from "../../../wire/http1/head-problem.ts";
import type { RequestHead } from "../../../wire/http1/request-head.ts";
import { problems } from "../../../wire/http1/head-problem.ts";
import type { Limits } from "../../limits.ts";
import { RateGuard } from "./rate-guard.ts";

/** The reading half of a connection, as a body uses it. */
export interface BodyReader {
  pause(): void;
  resume(): void;
}

/** The writing half, as a body uses it. */
export interface ContinueSender {
  /** Sends `100 Continue` (RFC 9110 10.1.1). */
  sendContinue(): void;
}

/** Unread content that is worth reading to its end to keep a connection; beyond it, closing is cheaper. */
export const DISCARD_BYTES = 256 * 1024;

/**
 * The content of an HTTP/1.1 request. The connection feeds it, a handler pulls it; what was fed and not yet
 * pulled is at most one read of the socket, after which the connection is told to stop.
 */
export class RequestBody implements Source {
  readonly size: number | undefined;
  trailers: HeaderList | undefined;
  /** The client sends its content only once it is told to, or loses patience. */
  awaitsContinue: boolean;
  /** Whether anybody asked for it yet. */
  pulled = false;
  /** The last byte has arrived. */
  ended = false;
  /** Bytes that have arrived, framing removed. */
  received = 0;

  readonly #reader: BodyReader;
  readonly #sender: ContinueSender;
  readonly #limits: Limits;
  readonly #decoder: ChunkedDecoder | undefined;
  #guard: RateGuard | undefined;
  #left: number;
  #queue: Uint8Array[] = [];
  #error: unknown;
  #discarding = false;
  #resolve: ((chunk: Uint8Array | null) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  constructor(head: RequestHead, limits: Limits, reader: BodyReader, sender: ContinueSender) {
    const { length } = head;
    this.awaitsContinue = head.expectContinue;
    this.#reader = reader;
    this.#sender = sender;
    this.#limits = limits;
    this.size = length < 0 ? undefined : length;
    this.#left = length;
    this.#decoder = length < 0 ? new ChunkedDecoder(limits) : undefined;
  }

  /** A handler is waiting for bytes that have not come. */
  get waiting(): boolean {
    return this.#resolve !== undefined;
  }

  /**
   * Whether the connection should rather end than read the rest: the client still waits for 100, the rest is
   * of no use, or nobody has asked for it and it is long.
   */
  get unwelcome(): boolean {
    if (this.ended) return false;
    if (this.awaitsContinue || this.#error !== undefined) return true;
    return !this.pulled && this.size !== undefined && this.#left > DISCARD_BYTES;
  }

  /** Whether the client sends too slowly; asked on every sweep while its bytes are waited for. */
  tooSlow(elapsedMs: number): boolean {
    this.#guard ??= new RateGuard();
    return this.#guard.tooSlow(this.received, elapsedMs, this.#limits);
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    this.pulled = true;
    const limit = this.#limits.bodyBytes;
    if (limit > 0 && this.size !== undefined && this.size > limit && this.#error === undefined) {
      this.fail(tooLarge());
    }
    const next = this.#queue.shift();
    if (next !== undefined) {
      if (this.#queue.length === 0 && !this.ended) this.#want();
      return next;
    }
    if (this.#error !== undefined) throw this.#error;
    if (this.ended || this.#discarding) return null;
    const answer = new Promise<Uint8Array | null>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#want();
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
    if (!this.ended) this.#reader.resume();
  }

  /**
   * Takes what belongs to the body from `bytes`.
   * @returns the offset behind it, or the problem that ends the connection
   */
  feed(bytes: Uint8Array, from: number): number | HeadProblem {
    if (this.#decoder === undefined) {
      const end = Math.min(from + this.#left, bytes.byteLength);
      this.#left -= end - from;
      if (end > from) this.#accept(bytes.subarray(from, end));
      if (this.#left === 0) this.#end();
      return end;
    }
    return this.#feedChunked(this.#decoder, bytes, from);
  }

  #feedChunked(decoder: ChunkedDecoder, bytes: Uint8Array, from: number): number | HeadProblem {
    let at = from;
    for (;;) {
      const data = decoder.next(bytes, at);
      at = decoder.at;
      if (data === undefined) break;
      const limit = this.#limits.bodyBytes;
      if (limit > 0 && this.received + data.byteLength > limit) {
        this.fail(tooLarge());
        return problems.body_too_large;
      }
      this.#accept(data);
    }
    if (decoder.problem !== undefined) {
      const { status, code, detail } = decoder.problem;
      this.fail(new HttpError(status, code, detail));
      return decoder.problem;
    }
    if (decoder.done) {
      if (decoder.trailers.length > 0) this.trailers = new HeaderList(decoder.trailers);
      this.#end();
    }
    return at;
  }

  /** The rest will never come. */
  fail(error: unknown): void {
    if (this.ended || this.#error !== undefined) return;
    this.#error = error;
    const reject = this.#reject;
    this.#resolve = undefined;
    this.#reject = undefined;
    reject?.(error);
  }

  #want(): void {
    if (this.awaitsContinue) {
      this.awaitsContinue = false;
      if (this.received === 0) this.#sender.sendContinue();
    }
    this.#reader.resume();
  }

  #accept(data: Uint8Array): void {
    this.received += data.byteLength;
    if (this.#discarding) return;
    if (this.#resolve !== undefined) {
      this.#settle(data);
      return;
    }
    this.#queue.push(data);
    // Of a body that is complete no more comes, so there is nothing to hold back.
    if (this.#left !== 0) this.#reader.pause();
  }

  #end(): void {
    this.ended = true;
    if (this.#queue.length === 0) this.#settle(null);
  }

  #settle(chunk: Uint8Array | null): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#reject = undefined;
    resolve?.(chunk);
  }
}

function tooLarge(): HttpError {
  const { status, code, detail } = problems.body_too_large;
  return new HttpError(status, code, detail);
}
