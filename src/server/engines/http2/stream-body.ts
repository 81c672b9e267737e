import type { ServerHttp2Stream } from "node:http2";
import { HttpError } from "../../../core/errors.ts";
import type { Source } from "../../../core/source.ts";
import { HeaderList } from "../../../http/header-list.ts";
import { problems } from "../../../wire/http1/head-problem.ts";
import type { EngineHost } from "../../engine.ts";

/**
 * The content of an HTTP/2 request. The stream is read only while a handler pulls, so its flow-control
 * window closes on a client that sends what nobody wants.
 */
export class StreamBody implements Source {
  readonly size: number | undefined;
  trailers: HeaderList | undefined;
  received = 0;
  ended = false;
  readonly #stream: ServerHttp2Stream;
  readonly #host: EngineHost;
  readonly #expectContinue: boolean;
  #queue: Uint8Array[] = [];
  #error: unknown;
  #started = false;
  #waiting: PromiseWithResolvers<Uint8Array | null> | undefined;

  /** @param size of the content by its Content-Length, if it has one */
  constructor(
    stream: ServerHttp2Stream,
    host: EngineHost,
    size: number | undefined,
    expectContinue: boolean,
  ) {
    this.#stream = stream;
    this.#host = host;
    this.#expectContinue = expectContinue;
    this.size = size;
    stream.on("trailers", (_headers, _flags, flat?: string[]) => {
      if (flat !== undefined) this.trailers = new HeaderList(flat);
    });
  }

  /** Whether a handler is waiting for bytes that have not come. */
  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    const limit = this.#host.limits.bodyBytes;
    if (limit > 0 && this.size !== undefined && this.size > limit) this.fail(tooLarge());
    const next = this.#queue.shift();
    if (next !== undefined) return next;
    if (this.#error !== undefined) throw this.#error;
    if (this.ended) return null;
    this.#start();
    this.#waiting = Promise.withResolvers();
    this.#stream.resume();
    return this.#waiting.promise;
  }

  cancel(): void {
    this.fail(new Error("the content was given up"));
  }

  /** The rest will not be read, or never come. */
  fail(error: unknown): void {
    if (this.ended || this.#error !== undefined) return;
    this.#error = error;
    this.#queue = [];
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    const stream = this.#stream;
    if (this.#expectContinue && !stream.headersSent) stream.additionalHeaders({ ":status": 100 });
    stream.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    stream.on("end", () => this.#end());
  }

  #receive(chunk: Uint8Array): void {
    if (this.#error !== undefined) return;
    this.received += chunk.byteLength;
    const limit = this.#host.limits.bodyBytes;
    if (limit > 0 && this.received > limit) {
      this.fail(tooLarge());
      return;
    }
    // RFC 9113 8.1.1: content that is not as long as it says is malformed.
    if (this.size !== undefined && this.received > this.size) {
      this.#mismatch();
      return;
    }
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#queue.push(chunk);
    } else {
      this.#waiting = undefined;
      waiting.resolve(chunk);
    }
    this.#stream.pause();
  }

  #end(): void {
    if (this.#error !== undefined) return;
    if (this.size !== undefined && this.received !== this.size) {
      this.#mismatch();
      return;
    }
    this.ended = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(null);
  }

  #mismatch(): void {
    const detail = "The content is not as long as its Content-Length says (RFC 9113 8.1.1).";
    this.fail(new HttpError(400, "content_length_mismatch", detail));
    this.#stream.close(PROTOCOL_ERROR);
  }
}

const PROTOCOL_ERROR = 1;

function tooLarge(): HttpError {
  const { status, code, detail } = problems.body_too_large;
  return new HttpError(status, code, detail);
}
