import { HttpError } from "../../../core/errors.ts";
import type { Source } from "../../../core/source.ts";
import { HeaderList } from "../../../http/header-list.ts";
import { problems } from "../../../wire/http1/head-problem.ts";
import type { Limits } from "../../limits.ts";
import { RateGuard } from "../http1/rate-guard.ts";
import { H3 } from "./codes.ts";
import { flattenFields } from "./fields.ts";
import type { QuicFields, QuicStream } from "./quic.ts";

/** What a body tells its exchange. */
export interface BodyEvents {
  /** The handler wants bytes for the first time. */
  wanted(): void;
  /** The content and its declared length disagree: the message is malformed (RFC 9114 4.1.2). */
  malformed(error: Error): void;
}

/**
 * The content of an HTTP/3 request. What is not pulled stays in the transport, whose window then closes:
 * the client can send no more than that ahead of the handler.
 */
export class Http3RequestBody implements Source {
  readonly size: number | undefined;
  trailers: HeaderList | undefined;
  /** All of it has arrived and was taken. */
  ended = false;
  /** A pull is waiting for the client. */
  waiting = false;
  received = 0;
  /** The handler gave it up: the client was asked to stop. */
  cancelled = false;

  readonly #stream: QuicStream;
  readonly #limits: Limits;
  readonly #events: BodyEvents;
  readonly #chunks: AsyncIterator<Uint8Array[]>;
  #batch: readonly Uint8Array[] = [];
  #at = 0;
  #wanted = false;
  #error: unknown;
  #reject: ((error: unknown) => void) | undefined;
  #guard: RateGuard | undefined;
  #ahead: Promise<IteratorResult<Uint8Array[]>> | undefined;

  constructor(
    stream: QuicStream,
    size: number | undefined,
    limits: Limits,
    events: BodyEvents,
    chunks = stream[Symbol.asyncIterator](),
    ahead?: Promise<IteratorResult<Uint8Array[]>>,
  ) {
    this.#stream = stream;
    this.size = size;
    this.#limits = limits;
    this.#events = events;
    this.#chunks = chunks;
    this.#ahead = ahead;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    if (this.#error !== undefined) throw this.#error;
    const next = this.#batch[this.#at];
    if (next !== undefined) {
      this.#at++;
      return this.#count(next);
    }
    if (this.ended || this.cancelled) return null;
    if (!this.#wanted) this.#begin();
    return this.#read();
  }

  cancel(): void {
    if (this.cancelled || this.ended) return;
    this.cancelled = true;
    this.#batch = [];
    this.#reject?.(new Error("the body was given up"));
    // RFC 9114 4.1: what the answer does not depend on is not wanted; the answer itself stands.
    this.#stream.stopSending(BigInt(H3.NO_ERROR));
  }

  /** The rest will never come. */
  fail(error: unknown): void {
    if (this.ended || this.#error !== undefined) return;
    this.#error = error;
    this.#batch = [];
    this.#reject?.(error);
  }

  addTrailers(fields: QuicFields): void {
    const flat = flattenFields(fields);
    if (flat === undefined) {
      this.#malformed("a trailer field is malformed");
    } else if (flat.length / 2 > this.#limits.headerCount) {
      const { status, code, detail } = problems.trailer_too_large;
      this.fail(new HttpError(status, code, detail));
    } else if (flat.some((text, index) => index % 2 === 0 && text.startsWith(":"))) {
      // RFC 9114 4.3: pseudo-header fields must not appear in trailer sections.
      this.#malformed("the trailers hold a pseudo-header");
    } else this.trailers = new HeaderList(flat);
  }

  tooSlow(elapsedMs: number): boolean {
    this.#guard ??= new RateGuard();
    return this.#guard.tooSlow(this.received, elapsedMs, this.#limits);
  }

  #begin(): void {
    this.#wanted = true;
    const limit = this.#limits.bodyBytes;
    if (limit > 0 && this.size !== undefined && this.size > limit) {
      this.fail(tooLarge());
      throw this.#error;
    }
    this.#events.wanted();
  }

  async #read(): Promise<Uint8Array | null> {
    const ahead = this.#ahead ?? this.#chunks.next();
    this.#ahead = undefined;
    this.waiting = true;
    try {
      const next = await this.#orFailure(ahead);
      if (this.#error !== undefined) throw this.#error;
      if (next.done === true) {
        // When everything arrived at once, the end is read before the transport has told the trailers.
        if (this.trailers === undefined) await new Promise(setImmediate);
        return this.#end();
      }
      this.#batch = next.value;
      this.#at = 1;
      return this.#count(next.value[0] as Uint8Array);
    } catch (error) {
      this.fail(error);
      throw this.#error ?? error;
    } finally {
      this.waiting = false;
    }
  }

  /** A read of the transport ends by itself only when the stream does; a limit must be able to end it too. */
  #orFailure<T>(read: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      read.then(resolve, reject);
    });
  }

  #count(chunk: Uint8Array): Uint8Array {
    this.received += chunk.byteLength;
    if (this.size !== undefined && this.received > this.size) {
      this.#malformed("the content is longer than its Content-Length");
    }
    const limit = this.#limits.bodyBytes;
    if (limit > 0 && this.received > limit) this.fail(tooLarge());
    if (this.#error !== undefined) throw this.#error;
    return chunk;
  }

  #end(): null {
    if (this.#error !== undefined) throw this.#error;
    if (this.size !== undefined && this.received < this.size) {
      this.#malformed("the content is shorter than its Content-Length");
      throw this.#error;
    }
    this.ended = true;
    return null;
  }

  #malformed(detail: string): void {
    const error = new HttpError(400, "body_incomplete", `${detail} (RFC 9114 4.1.2).`);
    this.fail(error);
    this.#events.malformed(error);
  }
}

function tooLarge(): HttpError {
  const { status, code, detail } = problems.body_too_large;
  return new HttpError(status, code, detail);
}
