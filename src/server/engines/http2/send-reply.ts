import type { ServerHttp2Stream } from "node:http2";
import type { Connection } from "../../../core/exchange.ts";
import type { Reply } from "../../../core/reply.ts";
import { isSource } from "../../../core/reply.ts";
import type { Source } from "../../../core/source.ts";
import type { EngineHost } from "../../engine.ts";
import { fieldPairs, replyPairs } from "../multiplexed/reply-fields.ts";
import type { Http2Exchange } from "./exchange.ts";
import { headerObject } from "./header-object.ts";

const INTERNAL_ERROR = 2;

/** Sends a reply on its stream. `exchange` is absent for a request that never became one. */
export function sendReply(
  stream: ServerHttp2Stream,
  exchange: Http2Exchange | undefined,
  reply: Reply,
  host: EngineHost,
  connection: Connection,
): void {
  if (stream.destroyed || stream.closed) {
    reply.discard();
    return;
  }
  const method = exchange?.method ?? "GET";
  const headers = headerObject(replyPairs(reply, method, host, connection.tls !== undefined));
  headers[":status"] = reply.status;
  const body = reply.body;
  const bodyless =
    body === null || method === "HEAD" || reply.status === 204 || reply.status === 304;
  const trailers = reply.trailers ?? (isSource(body) ? () => body.trailers : undefined);
  if (bodyless && reply.trailers === undefined) {
    stream.respond(headers, { endStream: true });
    reply.discard();
    return;
  }
  if (trailers !== undefined) {
    stream.on("wantTrailers", () => {
      const list = typeof trailers === "function" ? trailers() : trailers;
      stream.sendTrailers(list === undefined ? {} : headerObject(fieldPairs(list)));
    });
  }
  stream.respond(headers, trailers === undefined ? {} : { waitForTrailers: true });
  if (bodyless) {
    reply.discard();
    stream.end();
  } else if (isSource(body)) {
    new StreamPump(stream, body, exchange).run();
  } else {
    if (exchange !== undefined) exchange.bytesSent = body.length;
    stream.end(body);
  }
}

/** Moves a body from its source to a stream: no pull while the stream's window is full. */
class StreamPump {
  readonly #stream: ServerHttp2Stream;
  readonly #source: Source;
  readonly #exchange: Http2Exchange | undefined;
  #sent = 0;
  #finished = false;

  constructor(stream: ServerHttp2Stream, source: Source, exchange: Http2Exchange | undefined) {
    this.#stream = stream;
    this.#source = source;
    this.#exchange = exchange;
    stream.on("close", () => this.#stop());
    stream.on("drain", () => this.run());
  }

  run(): void {
    try {
      for (;;) {
        if (this.#finished) return;
        const chunk = this.#source.pull();
        if (chunk instanceof Promise) {
          chunk.then(this.#resume, this.#fail);
          return;
        }
        if (!this.#write(chunk)) return;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #resume = (chunk: Uint8Array | null): void => {
    if (!this.#finished && this.#write(chunk)) this.run();
  };

  /** The client must see that the body is cut: the stream is reset, not ended. */
  readonly #fail = (error: unknown): void => {
    if (this.#finished) return;
    this.#finished = true;
    this.#source.cancel(error);
    this.#exchange?.end(error);
    this.#stream.close(INTERNAL_ERROR);
  };

  /** @returns whether to pull on at once */
  #write(chunk: Uint8Array | null): boolean {
    const size = this.#source.size;
    if (chunk === null) {
      if (size !== undefined && this.#sent !== size) {
        this.#fail(new Error(`the body ended after ${this.#sent} of ${size} bytes`));
        return false;
      }
      this.#finished = true;
      this.#stream.end();
      return false;
    }
    this.#sent += chunk.byteLength;
    if (size !== undefined && this.#sent > size) {
      this.#fail(new Error(`the body is longer than the ${size} bytes it declared`));
      return false;
    }
    if (this.#exchange !== undefined) this.#exchange.bytesSent = this.#sent;
    // The stream keeps what it has not sent, and a source may reuse its chunk.
    return this.#stream.write(chunk.slice());
  }

  #stop(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#source.cancel(new Error("the client closed the stream"));
  }
}
