import { HttpError } from "../../../core/errors.ts";
import type { Source } from "../../../wire/source.ts";
import { HeaderList } from "../../../http/header-list.ts";
import { problems } from "../../../wire/http1/head-problem.ts";
import type { Limits } from "../../limits.ts";
import { RateGuard } from "../../../wire/rate-guard.ts";
import { flattenFields } from "./fields.ts";
import type { QuicFields } from "./quic.ts";

/** What a body tells its stream. */
export interface BodyEvents {
  /** The handler wants bytes for the first time. */
  wanted(): void;
  /** No more is wanted: the client is to stop. */
  stop(): void;
  /** The client does not stop. */
  overrun(): void;
  /** The message is malformed (RFC 9114 4.1.2). */
  malformed(error: Error): void;
  /** Bytes that wait for the handler grew or shrank. @returns whether they may stay */
  waitingBytes(change: number): boolean;
}

/** What may still be on its way when a client is told to stop. */
const MAX_SURPLUS = 32 * 1024 * 1024;

/**
 * The content of an HTTP/3 request.
 *
 * The transport takes whatever the client sends and opens its window at once, read or not, so a client
 * cannot be held back. What a handler has not pulled yet is kept here, up to a bound of the connection;
 * a client that runs further ahead is told to stop and the handler's pull fails with a 503.
 */
export class Http3RequestBody implements Source {
  readonly size: number | undefined;
  trailers: HeaderList | undefined;
  /** All of it has arrived and was taken. */
  ended = false;
  received = 0;
  /** No more of it is wanted. */
  stopped = false;

  readonly #limits: Limits;
  readonly #events: BodyEvents;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #wanted = false;
  #arrived = false;
  #error: unknown;
  #pull: PromiseWithResolvers<Uint8Array | null> | undefined;
  #guard: RateGuard | undefined;
  /** What came although the client was told to stop. */
  #surplus = 0;

  /** @param ahead a read of `chunks` that is already under way */
  constructor(
    size: number | undefined,
    limits: Limits,
    events: BodyEvents,
    chunks: AsyncIterator<Uint8Array[]>,
    ahead?: Promise<IteratorResult<Uint8Array[]>>,
  ) {
    this.size = size;
    this.#limits = limits;
    this.#events = events;
    const limit = limits.bodyBytes;
    if (limit > 0 && size !== undefined && size > limit) this.#error = tooLarge();
    void this.#read(chunks, ahead);
  }

  /** A pull is waiting for the client. */
  get waiting(): boolean {
    return this.#pull !== undefined;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    if (this.#error !== undefined) throw this.#error;
    const next = this.#queue.shift();
    if (next !== undefined) {
      this.#queued -= next.byteLength;
      this.#events.waitingBytes(-next.byteLength);
      return next;
    }
    if (this.#arrived) this.ended = true;
    if (this.ended || this.stopped) return null;
    if (!this.#wanted) {
      this.#wanted = true;
      this.#events.wanted();
    }
    this.#pull = Promise.withResolvers();
    return this.#pull.promise;
  }

  cancel(): void {
    this.#drop();
    if (this.stopped || this.#arrived) return;
    this.#stop();
    this.#settle(null);
  }

  /** The rest will never come, or is not wanted. */
  fail(error: unknown): void {
    if (this.ended || this.#error !== undefined) return;
    this.#error = error;
    this.#drop();
    const pull = this.#pull;
    this.#pull = undefined;
    pull?.reject(error);
  }

  addTrailers(fields: QuicFields): void {
    const flat = flattenFields(fields);
    // RFC 9114 4.3: pseudo-header fields must not appear in trailer sections.
    if (flat === undefined || flat[0]?.startsWith(":") === true) {
      this.#malformed("a trailer field is malformed");
    } else if (flat.length / 2 > this.#limits.headerCount) {
      const { status, code, detail } = problems.trailer_too_large;
      this.fail(new HttpError(status, code, detail));
    } else this.trailers = new HeaderList(flat);
  }

  tooSlow(elapsedMs: number): boolean {
    this.#guard ??= new RateGuard();
    return this.#guard.tooSlow(this.received, elapsedMs, this.#limits);
  }

  async #read(
    chunks: AsyncIterator<Uint8Array[]>,
    ahead: Promise<IteratorResult<Uint8Array[]>> | undefined,
  ): Promise<void> {
    try {
      let next = await (ahead ?? chunks.next());
      while (next.done !== true) {
        for (const chunk of next.value) this.#accept(chunk);
        next = await chunks.next();
      }
      // When everything arrives at once, the end is read before the transport has told the trailers.
      if (this.trailers === undefined) await new Promise(setImmediate);
      this.#end();
    } catch (error) {
      this.fail(error);
    }
  }

  #accept(chunk: Uint8Array): void {
    this.received += chunk.byteLength;
    if (this.stopped) {
      this.#surplus += chunk.byteLength;
      if (this.#surplus > MAX_SURPLUS) this.#events.overrun();
      return;
    }
    if (this.#error !== undefined) return;
    if (this.size !== undefined && this.received > this.size) {
      this.#malformed("the content is longer than its Content-Length");
      return;
    }
    const limit = this.#limits.bodyBytes;
    if (limit > 0 && this.received > limit) {
      this.fail(tooLarge());
      this.#stop();
      return;
    }
    if (this.#pull !== undefined) {
      this.#settle(chunk);
      return;
    }
    this.#queue.push(chunk);
    this.#queued += chunk.byteLength;
    if (this.#events.waitingBytes(chunk.byteLength)) return;
    this.fail(tooFast());
    this.#stop();
  }

  #end(): void {
    if (this.#error !== undefined) return;
    if (this.size !== undefined && this.received < this.size && !this.stopped) {
      this.#malformed("the content is shorter than its Content-Length");
      return;
    }
    this.#arrived = true;
    if (this.#pull === undefined) return;
    this.ended = true;
    this.#settle(null);
  }

  #malformed(detail: string): void {
    const error = new HttpError(400, "content_length_mismatch", `${detail} (RFC 9114 4.1.2).`);
    this.fail(error);
    this.#events.malformed(error);
  }

  #stop(): void {
    this.stopped = true;
    this.#drop();
    this.#events.stop();
  }

  #drop(): void {
    this.#queue = [];
    this.#events.waitingBytes(-this.#queued);
    this.#queued = 0;
  }

  #settle(chunk: Uint8Array | null): void {
    const pull = this.#pull;
    this.#pull = undefined;
    pull?.resolve(chunk);
  }
}

function tooLarge(): HttpError {
  const { status, code, detail } = problems.body_too_large;
  return new HttpError(status, code, detail);
}

/** RFC 7838 4: `clear` makes the client leave HTTP/3, where uploads can be held back. */
function tooFast(): HttpError {
  return new HttpError(
    503,
    "upload_too_fast",
    "The content arrives faster than it is taken, and HTTP/3 cannot slow it down here: send it again over HTTP/2.",
    new HeaderList(["alt-svc", "clear"]),
  );
}
