import type { Duplex } from "../../../wire/duplex.ts";
import { HttpError, problem } from "../../../core/errors.ts";
import { HeaderList } from "../../../http/header-list.ts";
import type { Reply } from "../../../core/reply.ts";
import { isSource, wholeBody } from "../../../core/reply.ts";
import type { Source } from "../../../wire/source.ts";
import { sendsNoContent } from "../../../wire/http1/framing.ts";
import { encodeFields } from "../../../wire/hpack/encoder.ts";
import { fieldPairs } from "../../../wire/field-pairs.ts";
import { ErrorCode, FrameType } from "../../../wire/http2/frames.ts";
import { MessageStream } from "../../../wire/http2/message-stream.ts";
import { bodyIncomplete, bodyTimeout } from "../body-problems.ts";
import type { MultiplexedRequest } from "../multiplexed/request-fields.ts";
import type { Http2Connection } from "./connection.ts";
import type { StreamPort } from "./exchange.ts";
import { Http2Exchange } from "./exchange.ts";
import { replyBlock } from "./reply-block.ts";
import { RequestContent } from "./request-content.ts";

/** One request of a client, and the exchange it is. */
export class Http2Stream extends MessageStream<RequestContent> implements StreamPort {
  readonly exchange: Http2Exchange;
  readonly #connection: Http2Connection;
  #expectContinue: boolean;
  #waitedMs = 0;

  constructor(
    connection: Http2Connection,
    id: number,
    request: MultiplexedRequest,
    ended: boolean,
    receivedAt: number,
  ) {
    super(connection, id, ended);
    const { limits } = connection.host;
    this.#connection = connection;
    this.#expectContinue = request.expectContinue;
    this.body = ended ? null : new RequestContent(this, limits, request.contentLength);
    const { info } = connection;
    this.exchange = new Http2Exchange(this, info, request, this.body, receivedAt);
  }

  /** Sends the final answer. */
  reply(reply: Reply): void {
    const { exchange } = this;
    if (this.closed || exchange.answered) {
      reply.discard();
      return;
    }
    try {
      this.#send(reply);
    } catch (error) {
      // A reply that cannot be written: the client must not be left waiting for it.
      this.#connection.host.observer.failed?.(error, exchange);
      reply.discard(error);
      this.abort(ErrorCode.internal, error);
    }
    this.#connection.writer.schedule();
  }

  #send(reply: Reply): void {
    const { exchange } = this;
    exchange.answered = true;
    exchange.status = reply.status;
    this.#expectContinue = false;
    const { writer, host, info } = this.#connection;
    const { status } = reply;
    const body = wholeBody(reply);
    const empty = body === null || exchange.method === "HEAD" || sendsNoContent(status);
    const block = replyBlock(reply, exchange.method, host, info.tls !== undefined);
    const done = empty && reply.trailers === undefined;
    writer.fields(FrameType.headers, this.id, block, done);
    if (empty) reply.discard();
    if (done) {
      this.sent();
    } else if (empty) {
      this.sender.end(trailersOf(reply, undefined));
    } else if (isSource(body)) {
      this.sender.stream(body, () => trailersOf(reply, body));
    } else {
      this.sender.bytes(body, trailersOf(reply, undefined));
    }
  }

  // What the client sends.

  protected lengthMismatch(): HttpError {
    const detail = "The content is not as long as its Content-Length says (RFC 9113 8.1.1).";
    return new HttpError(400, "content_length_mismatch", detail);
  }

  /** The client has ended its side of the connection: what is missing of the content will not come. */
  clientEnded(): void {
    if (this.remoteEnded) return;
    this.body?.fail(bodyIncomplete());
  }

  // What the exchange and its body ask for.

  bodyWanted(): void {
    if (!this.#expectContinue) return;
    this.#expectContinue = false;
    if (this.body?.received === 0) this.inform(100, new HeaderList());
  }

  inform(status: number, headers: HeaderList): void {
    this.sendFields([":status", String(status)], headers);
  }

  push(path: string, headers: HeaderList | undefined): boolean {
    return this.#connection.push(this, path, headers);
  }

  takeover(status: number, headers: HeaderList): Duplex {
    this.sendFields([":status", String(status)], headers);
    return this.openTunnel((reason) => this.reset(reason)).duplex;
  }

  reset(reason: unknown): void {
    this.abort(ErrorCode.cancel, reason);
  }

  progressed(bytes: number): void {
    this.exchange.bytesSent = bytes;
  }

  /** The client must see that the body is cut: the stream is reset, not ended. */
  sendFailed(error: unknown): void {
    this.abort(ErrorCode.internal, error);
  }

  protected halfSent(): void {
    // Each side of a tunnel ends by itself.
    if (this.tunnel !== undefined) return;
    // RFC 9113 8.1: the rest of the request is not needed, and nothing went wrong.
    this.#connection.cut(this.id, ErrorCode.noError);
    this.close(undefined);
  }

  protected remoteHalfEnded(): void {
    // The answer is still to come, or under way.
  }

  /** Called every so often; cuts what takes too long. */
  sweep(elapsedMs: number): void {
    const { limits, draining } = this.#connection.host;
    const { exchange } = this;
    const { body } = this;
    if (draining) this.tunnel?.serverDrains();
    if (this.sender.tooSlow(elapsedMs, limits)) {
      this.#connection.report("slow_reader", 0);
      this.abort(ErrorCode.cancel, new Error("the client takes the answer too slowly"));
    } else if (body !== null && !body.ended && body.waiting) {
      if (!body.tooSlow(elapsedMs)) return;
      this.#connection.report("body_timeout", 408);
      body.fail(bodyTimeout());
    } else if (!exchange.answered && limits.requestMs > 0) {
      this.#waitedMs += elapsedMs;
      if (this.#waitedMs > limits.requestMs) this.#giveUp();
    }
  }

  /** Answers for a handler that takes too long. */
  #giveUp(): void {
    this.#connection.report("request_timeout", 503);
    this.reply(problem(503, "request_timeout", "The answer took too long; try again later."));
  }

  protected over(reason: unknown): void {
    const { exchange } = this;
    exchange.end(reason ?? OVER, this.#connection.host.observer);
    this.#connection.closed(this, reason);
  }
}

/** One for all streams that ended well: an error costs as much as reading a request. */
const OVER = new Error("the exchange is over");

function trailersOf(reply: Reply, source: Source | undefined): Uint8Array | undefined {
  const own = typeof reply.trailers === "function" ? reply.trailers() : reply.trailers;
  const list = own ?? source?.trailers;
  return list === undefined ? undefined : encodeFields(fieldPairs(list));
}
