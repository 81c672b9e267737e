import type { Connection } from "../../../core/exchange.ts";
import type { HeaderList } from "../../../http/header-list.ts";
import type { Socket } from "../../../runtime/socket.ts";
import { concat } from "../../../runtime/bytes.ts";
import { Endpoint } from "../../../wire/http2/endpoint.ts";
import { ConnectionError, ErrorCode, FrameType, MAX_WINDOW } from "../../../wire/http2/frames.ts";
import type { HeaderBlock } from "../../../wire/http2/header-blocks.ts";
import type { EngineHost } from "../../engine.ts";
import type { Swept } from "../../sweeper.ts";
import { answer, whenAnswered } from "../answer.ts";
import { CONNECTION_WINDOW, greet } from "./greeting.ts";
import { judgeRequest } from "./judge-request.ts";
import { refuseStream } from "./refuse-stream.ts";
import { promise } from "./promised-request.ts";
import { Http2Stream } from "./stream.ts";

/** Between our last frame and the end of the connection, so that the client can receive it. */
const LINGER_MS = 1_000;

/** One HTTP/2 connection of a client: requests in, exchanges to the App, replies out. */
export class Http2Connection extends Endpoint<Http2Stream> implements Swept {
  readonly info: Connection;
  readonly host: EngineHost;
  readonly #onGone: () => void;
  #requests = 0;
  #goingAway: "no" | "announced" | "final" = "no";
  #idleMs = 0;
  #endedMs = 0;
  #blockMs = 0;

  constructor(socket: Socket, info: Connection, host: EngineHost, onGone: () => void) {
    super(socket, "server", CONNECTION_WINDOW, host.limits);
    this.info = info;
    this.host = host;
    this.#onGone = onGone;
    greet(this.writer, host.limits);
  }

  protected get lastTaken(): number {
    return this.streams.lastOpened;
  }

  end(): void {
    // A client that has ended its side can open no stream, and what is open cannot be steered any more.
    if (this.streams.size === 0) {
      this.socket.endWrite();
      return;
    }
    this.goAway();
    for (const stream of this.streams.values()) stream.clientEnded();
    this.writer.flush();
  }

  close(error?: Error): void {
    this.ended = true;
    const reason = error ?? new Error("the client closed the connection");
    for (const stream of this.streams.values()) stream.broken(reason);
    this.#onGone();
  }

  protected onGoAway(): void {
    this.goAway();
  }

  protected onFields(stream: Http2Stream, block: HeaderBlock): void {
    this.#blockMs = 0;
    this.takeTrailers(stream, block);
  }

  protected onUnopened(block: HeaderBlock): void {
    this.#blockMs = 0;
    if (block.stream > this.streams.lastOpened) this.#open(block);
    else if (this.streams.takeCut(block.stream)) this.nuisance();
    else throw new ConnectionError(ErrorCode.streamClosed, "HEADERS on a closed stream");
  }

  #open(block: HeaderBlock): void {
    const id = block.stream;
    const { host } = this;
    this.streams.lastOpened = id;
    this.#idleMs = 0;
    if (this.#goingAway === "final" || this.streams.size >= host.limits.streams) {
      this.#resetUnopened(id, ErrorCode.refusedStream, "too_many_streams");
      return;
    }
    this.guard.progress();
    const request = judgeRequest(block, host, this.info.tls !== undefined);
    if ("malformed" in request) {
      this.#resetUnopened(id, ErrorCode.protocol, "malformed_request");
      return;
    }
    if (!("method" in request)) {
      this.report(request.code, request.status);
      refuseStream(this, id, request, block.endStream);
      return;
    }
    this.#requests++;
    const receivedAt = host.observer.finished === undefined ? 0 : performance.now();
    const stream = new Http2Stream(this, id, request, block.endStream, receivedAt);
    this.streams.set(id, stream);
    this.#answer(stream);
    const limit = host.limits.requestsPerConnection;
    if (limit > 0 && this.#requests >= limit) this.goAway();
  }

  #answer(stream: Http2Stream): void {
    const reply = answer(this.host, stream.exchange);
    if (reply instanceof Promise) whenAnswered(this.host, stream.exchange, reply, stream);
    else stream.reply(reply);
  }

  protected onReset(id: number, code: number): void {
    // Also of a stream that is over: an answer that is ready at once is no work that may be asked for in vain
    // without end. What we have pushed is not the client's to answer for.
    if (id % 2 === 1) this.countReset();
    else this.nuisance();
    this.streams.get(id)?.broken(new Error(`the client reset the stream with code ${code}`));
  }

  /** A stream is over. */
  closed(stream: Http2Stream, error: unknown): void {
    this.streams.delete(stream.id);
    this.host.observer.finished?.(stream.exchange, stream.exchange.outcome(error));
    if (this.streams.size === 0 && this.#goingAway !== "no") this.#endSoon();
  }

  push(parent: Http2Stream, path: string, headers: HeaderList | undefined): boolean {
    // RFC 9113 8.4: a promise is made on a stream that the client has opened.
    if (parent.id % 2 === 0) return false;
    if (!this.peer.enablePush || this.#goingAway !== "no" || parent.sender.ended) return false;
    if (this.streams.size >= this.peer.maxConcurrentStreams) return false;
    const promised = promise(parent.exchange, path, headers, this.host);
    if (promised === undefined) return false;
    const id = (this.streams.lastPushed += 2);
    const block = concat(new Uint8Array([id >>> 24, id >>> 16, id >>> 8, id]), promised.block);
    this.writer.fields(FrameType.pushPromise, parent.id, block, false);
    const stream = new Http2Stream(this, id, promised.request, true, performance.now());
    this.streams.set(id, stream);
    this.#answer(stream);
    this.writer.schedule();
    return true;
  }

  #resetUnopened(id: number, code: number, why: string): void {
    this.report(why, 0);
    this.cut(id, code);
    this.countReset();
  }

  report(code: string, status: number): void {
    const { remoteAddress } = this.info;
    this.host.observer.refused?.({ code, status, remoteAddress });
  }

  protected failed(code: number, why: string): void {
    this.report(code === ErrorCode.enhanceYourCalm ? why : "http2_protocol_error", 0);
    this.socket.endWrite();
  }

  /** Tells the client to open no more streams; what it had sent by then is answered (RFC 9113 6.8). */
  goAway(): void {
    if (this.#goingAway !== "no" || this.ended) return;
    this.#goingAway = "announced";
    this.writer.numbers(FrameType.goaway, 0, MAX_WINDOW, ErrorCode.noError);
    this.writer.flush();
  }

  #endSoon(): void {
    if (this.#goingAway !== "final" || this.ended) return;
    this.ended = true;
    this.writer.flush();
    this.socket.endWrite();
  }

  destroy(): void {
    this.socket.destroy();
  }

  sweep(elapsedMs: number): void {
    const { limits } = this.host;
    if (this.ended) {
      this.#endedMs += elapsedMs;
      if (this.#endedMs > LINGER_MS) this.socket.destroy();
      return;
    }
    this.guard.sweep(elapsedMs);
    if (this.#goingAway === "announced") this.#finalGoAway();
    if (this.blockOpen || !this.settled) this.#blockMs += elapsedMs;
    if (this.#blockMs > limits.headerTimeoutMs)
      this.fail(ErrorCode.enhanceYourCalm, "header_timeout");
    if (this.writer.blocked && this.writer.tooSlow(elapsedMs, limits)) {
      this.report("slow_reader", 0);
      this.socket.destroy();
    }
    for (const stream of this.streams.values()) stream.sweep(elapsedMs);
    if (this.streams.size > 0) return;
    this.#idleMs += elapsedMs;
    if (this.#idleMs > limits.keepAliveMs) this.goAway();
  }

  /** By now the client has seen the announcement: what it opens from here on it must open elsewhere. */
  #finalGoAway(): void {
    this.#goingAway = "final";
    this.writer.numbers(FrameType.goaway, 0, this.streams.lastOpened, ErrorCode.noError);
    this.writer.flush();
    if (this.streams.size === 0) this.#endSoon();
  }
}
