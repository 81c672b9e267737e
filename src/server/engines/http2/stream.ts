import type { Duplex } from "../../../wire/duplex.ts";
import { HttpError, problem } from "../../../core/errors.ts";
import { HeaderList } from "../../../http/header-list.ts";
import type { Reply } from "../../../core/reply.ts";
import { isSource } from "../../../core/reply.ts";
import type { Source } from "../../../wire/source.ts";
import { sendsNoContent } from "../../../wire/http1/framing.ts";
import { encodeFields } from "../../../wire/hpack/encoder.ts";
import { ErrorCode, FrameType } from "../../../wire/http2/frames.ts";
import { bodyIncomplete, bodyTimeout } from "../body-problems.ts";
import type { MultiplexedRequest } from "../multiplexed/request-fields.ts";
import { fieldPairs } from "../multiplexed/reply-fields.ts";
import type { Http2Connection } from "./connection.ts";
import type { StreamPort } from "./exchange.ts";
import { Http2Exchange } from "./exchange.ts";
import { replyBlock } from "./reply-block.ts";
import { STREAM_WINDOW } from "./greeting.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { StreamSender } from "./stream-sender.ts";
import type { BodyOwner } from "./stream-body.ts";
import { StreamBody } from "./stream-body.ts";
import { StreamTunnel } from "./tunnel.ts";

/** One stream: its two halves, its windows, and the exchange on it. */
export class Http2Stream implements StreamPort, BodyOwner {
  readonly id: number;
  readonly exchange: Http2Exchange;
  readonly sender: StreamSender;
  readonly #connection: Http2Connection;
  readonly #body: StreamBody | null;
  #expectContinue: boolean;
  readonly #receiveWindow = new ReceiveWindow(STREAM_WINDOW);
  #remoteEnded: boolean;
  #closed = false;
  #tunnel: StreamTunnel | undefined;
  #waitedMs = 0;

  constructor(
    connection: Http2Connection,
    id: number,
    request: MultiplexedRequest,
    ended: boolean,
    receivedAt: number,
  ) {
    const { limits } = connection.host;
    this.id = id;
    this.#connection = connection;
    this.#remoteEnded = ended;
    this.#expectContinue = request.expectContinue;
    this.#body = ended ? null : new StreamBody(this, limits, request.contentLength);
    const { info } = connection;
    this.exchange = new Http2Exchange(this, info, request, this.#body, receivedAt);
    this.sender = new StreamSender(connection, this);
  }

  /** Sends the final answer. */
  reply(reply: Reply): void {
    const { exchange } = this;
    if (this.#closed || exchange.answered) {
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
    const { body, status } = reply;
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

  /** @returns false when the client sends more than it may */
  data(payload: Uint8Array, frameBytes: number, ended: boolean): boolean {
    if (!this.#receiveWindow.take(frameBytes)) return false;
    const padding = frameBytes - payload.byteLength;
    if (padding > 0) this.bodyUsed(padding);
    const body = this.#body;
    if (body === null || this.#closed) {
      this.#connection.used(payload.byteLength);
      return true;
    }
    const received = body.received + payload.byteLength;
    // RFC 9113 8.1.1: content that is not as long as it says is malformed.
    if (body.size !== undefined && (received > body.size || (ended && received < body.size))) {
      const detail = "The content is not as long as its Content-Length says (RFC 9113 8.1.1).";
      this.#connection.used(payload.byteLength);
      this.abort(ErrorCode.protocol, new HttpError(400, "content_length_mismatch", detail));
      return true;
    }
    if (payload.byteLength > 0) body.feed(payload);
    if (ended) this.remoteEnd();
    return true;
  }

  trailers(flat: string[]): void {
    if (this.#body !== null) this.#body.trailers = new HeaderList(flat);
    this.remoteEnd();
  }

  get remoteEnded(): boolean {
    return this.#remoteEnded;
  }

  /** Whether the content so far is as long as its Content-Length says. */
  get contentComplete(): boolean {
    const body = this.#body;
    return body === null || body.size === undefined || body.size === body.received;
  }

  remoteEnd(): void {
    this.#remoteEnded = true;
    this.#body?.end();
    if (this.sender.ended) this.#close(undefined);
  }

  /** The client has ended its side of the connection: what is missing of the content will not come. */
  clientEnded(): void {
    if (this.#remoteEnded) return;
    this.#body?.fail(bodyIncomplete());
  }

  /** The client broke the stream off, or the connection is gone. */
  broken(reason: unknown): void {
    this.#close(reason);
  }

  // What the exchange and its body ask for.

  bodyWanted(): void {
    if (!this.#expectContinue) return;
    this.#expectContinue = false;
    if (this.#body?.received === 0) this.inform(100, new HeaderList());
  }

  bodyUsed(bytes: number): void {
    this.#connection.used(bytes);
    if (this.#remoteEnded || this.#closed) return;
    const more = this.#receiveWindow.use(bytes);
    if (more === 0) return;
    const { writer } = this.#connection;
    writer.numbers(FrameType.windowUpdate, this.id, more);
    writer.schedule();
  }

  inform(status: number, headers: HeaderList): void {
    const block = encodeFields([":status", String(status), ...fieldPairs(headers)]);
    const { writer } = this.#connection;
    writer.fields(FrameType.headers, this.id, block, false);
    writer.schedule();
  }

  push(path: string, headers: HeaderList | undefined): boolean {
    return this.#connection.push(this, path, headers);
  }

  takeover(status: number, headers: HeaderList): Duplex {
    const block = encodeFields([":status", String(status), ...fieldPairs(headers)]);
    const body = this.#body;
    if (body !== null) body.tunnel = true;
    const tunnel = new StreamTunnel({
      pull: () => body?.pull() ?? null,
      reset: (reason) => this.reset(reason),
    });
    this.#tunnel = tunnel;
    const { writer } = this.#connection;
    writer.fields(FrameType.headers, this.id, block, false);
    this.sender.stream(tunnel, () => undefined);
    writer.schedule();
    return tunnel.duplex;
  }

  reset(reason: unknown): void {
    this.abort(ErrorCode.cancel, reason);
  }

  /** Breaks the stream off with an error the client sees. */
  abort(code: number, reason: unknown): void {
    if (this.#closed) return;
    this.#connection.cut(this.id, code);
    this.#connection.writer.schedule();
    this.#close(reason ?? new Error("the stream was reset"));
  }

  /** The whole answer was handed to the transport. */
  sent(): void {
    this.sender.ended = true;
    if (this.#remoteEnded) {
      this.#close(undefined);
      return;
    }
    // Each side of a tunnel ends by itself.
    if (this.#tunnel !== undefined) return;
    // RFC 9113 8.1: the rest of the request is not needed, and nothing went wrong.
    this.#connection.cut(this.id, ErrorCode.noError);
    this.#close(undefined);
  }

  /** Called every so often; cuts what takes too long. */
  sweep(elapsedMs: number): void {
    const { limits, draining } = this.#connection.host;
    const { exchange } = this;
    const body = this.#body;
    if (draining) this.#tunnel?.serverDrains();
    if (this.sender.tooSlow(elapsedMs)) {
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

  #close(reason: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.sender.stop(reason);
    const { exchange } = this;
    exchange.end(reason ?? new Error("the exchange is over"), this.#connection.host.observer);
    this.#connection.closed(this, reason);
  }
}

function trailersOf(reply: Reply, source: Source | undefined): Uint8Array | undefined {
  const own = typeof reply.trailers === "function" ? reply.trailers() : reply.trailers;
  const list = own ?? source?.trailers;
  return list === undefined ? undefined : encodeFields(fieldPairs(list));
}
