import type { Connection } from "../../../core/exchange.ts";
import type { HeaderList } from "../../../http/header-list.ts";
import type { Socket, SocketHandler } from "../../../runtime/socket.ts";
import { concat } from "../../../runtime/bytes.ts";
import { HpackError } from "../../../wire/hpack/decoder.ts";
import { FrameReader } from "../../../wire/http2/frame-reader.ts";
import {
  ConnectionError,
  ErrorCode,
  Flag,
  FrameType,
  MAX_WINDOW,
  readUint32,
  unpad,
} from "../../../wire/http2/frames.ts";
import { checkFrame } from "../../../wire/http2/frame-rules.ts";
import { defaultPeerSettings } from "../../../wire/http2/settings.ts";
import type { EngineHost } from "../../engine.ts";
import type { Swept } from "../../sweeper.ts";
import { answer } from "../answer.ts";
import { ControlFrames } from "./control-frames.ts";
import { FloodGuard } from "./flood-guard.ts";
import { FrameWriter } from "./frame-writer.ts";
import { CONNECTION_WINDOW, greet } from "./greeting.ts";
import type { HeaderBlock } from "./header-blocks.ts";
import { HeaderBlocks } from "./header-blocks.ts";
import { judgeRequest } from "./judge-request.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { refuseStream } from "./refuse-stream.ts";
import { SendQueue } from "./send-queue.ts";
import { promise } from "./promised-request.ts";
import { StreamTable } from "./stream-table.ts";
import { Http2Stream } from "./stream.ts";

/** Acknowledgements and resets that a client lets pile up without reading. */
const MAX_PENDING_BYTES = 1024 * 1024;
/** Between our last frame and the end of the connection, so that the client can receive it. */
const LINGER_MS = 1_000;

/** One HTTP/2 connection (RFC 9113): frames in, exchanges to the App, frames out, and nobody floods it. */
export class Http2Connection implements SocketHandler, Swept {
  readonly info: Connection;
  readonly host: EngineHost;
  readonly writer: FrameWriter;
  readonly peer = defaultPeerSettings();
  readonly guard: FloodGuard;
  readonly queue: SendQueue;
  readonly streams = new StreamTable();
  /** Our side of the connection has ended. */
  ended = false;
  readonly #socket: Socket;
  readonly #onGone: () => void;
  readonly #reader = new FrameReader();
  readonly #control = new ControlFrames(this);
  readonly #blocks = new HeaderBlocks();
  readonly #receiveWindow = new ReceiveWindow(CONNECTION_WINDOW);
  #settled = false;
  #requests = 0;
  #goingAway: "no" | "announced" | "final" = "no";
  #idleMs = 0;
  #endedMs = 0;
  #blockMs = 0;

  constructor(socket: Socket, info: Connection, host: EngineHost, onGone: () => void) {
    const { limits } = host;
    this.#socket = socket;
    this.info = info;
    this.host = host;
    this.#onGone = onGone;
    this.writer = new FrameWriter(socket);
    this.queue = new SendQueue(this.writer);
    this.guard = new FloodGuard(limits);
    greet(this.writer, limits);
    socket.handler = this;
  }

  data(chunk: Uint8Array): void {
    if (this.ended) return;
    try {
      this.#reader.read(chunk, this.#frame);
    } catch (error) {
      if (error instanceof ConnectionError) this.#fail(error.code, error.message);
      else if (error instanceof HpackError) this.#fail(ErrorCode.compression, error.message);
      else throw error;
    }
    this.writer.flush();
    // DATA stops as soon as the socket is full, so that this is never a large body.
    if (this.writer.pendingBytes > MAX_PENDING_BYTES) {
      this.#fail(ErrorCode.enhanceYourCalm, "too_many_acknowledgements");
    }
  }

  end(): void {
    // A client that has ended its side can open no stream, and what is open cannot be steered any more.
    if (this.streams.size === 0) {
      this.#socket.endWrite();
      return;
    }
    this.goAway();
    for (const stream of this.streams.values()) stream.clientEnded();
    this.writer.flush();
  }

  drain(): void {
    this.writer.drained();
    this.queue.resume();
  }

  close(error?: Error): void {
    this.ended = true;
    const reason = error ?? new Error("the client closed the connection");
    for (const stream of this.streams.values()) stream.broken(reason);
    this.#onGone();
  }

  readonly #frame = (type: number, flags: number, id: number, payload: Uint8Array): void => {
    if (this.ended) return;
    if (!this.#settled && type !== FrameType.settings) {
      throw new ConnectionError(ErrorCode.protocol, "the first frame is not SETTINGS");
    }
    if (this.#blocks.open && type !== FrameType.continuation) {
      throw new ConnectionError(ErrorCode.protocol, "a header block is interrupted");
    }
    checkFrame(type, flags, id, payload.byteLength);
    switch (type) {
      case FrameType.data:
        return this.#onData(flags, id, payload);
      case FrameType.headers:
        return this.#onBlock(this.#blocks.begin(flags, id, payload, this.host.limits));
      case FrameType.continuation:
        this.nuisance();
        return this.#onBlock(this.#blocks.go(flags, id, payload, this.host.limits));
      case FrameType.priority:
        return this.nuisance();
      case FrameType.rstStream:
        return this.#onReset(id, payload);
      case FrameType.settings:
        this.#settled = this.#control.settings(flags, payload) || this.#settled;
        return;
      case FrameType.ping:
        return this.#control.ping(flags, payload);
      case FrameType.windowUpdate:
        return this.#control.windowUpdate(id, payload);
      case FrameType.goaway:
        this.nuisance();
        return this.goAway();
      default:
        // RFC 9113 4.1: unknown types are ignored.
        this.nuisance();
    }
  };

  #onData(flags: number, id: number, payload: Uint8Array): void {
    const content = unpad(flags, payload);
    const ended = (flags & Flag.endStream) !== 0;
    if (!this.#receiveWindow.take(payload.byteLength)) {
      throw new ConnectionError(ErrorCode.flowControl, "more DATA than the connection's window");
    }
    if (content.byteLength === 0 && !ended) this.nuisance();
    const stream = this.streams.get(id);
    if (stream === undefined) {
      this.streams.checkKnown(id, "DATA");
      this.used(payload.byteLength);
      return;
    }
    if (content.byteLength > 0) this.guard.progress();
    if (stream.remoteEnded) {
      this.used(payload.byteLength);
      this.streamError(stream, ErrorCode.streamClosed, "DATA behind the end of a stream");
    } else if (!stream.data(content, payload.byteLength, ended)) {
      this.used(payload.byteLength);
      this.streamError(stream, ErrorCode.flowControl, "more DATA than the stream's window");
    }
  }

  #onBlock(block: HeaderBlock | undefined): void {
    if (block === undefined) return;
    this.#blockMs = 0;
    const open = this.streams.get(block.stream);
    if (open !== undefined) this.#onTrailers(open, block);
    else if (block.stream > this.streams.lastOpened) this.#open(block);
    else if (this.streams.takeCut(block.stream)) this.nuisance();
    else throw new ConnectionError(ErrorCode.streamClosed, "HEADERS on a closed stream");
  }

  #onTrailers(stream: Http2Stream, block: HeaderBlock): void {
    const { section } = block;
    const pseudo = section.flat.some((text, index) => index % 2 === 0 && text.startsWith(":"));
    if (stream.remoteEnded) {
      this.streamError(stream, ErrorCode.streamClosed, "HEADERS behind the end of a stream");
    } else if (
      !block.endStream ||
      pseudo ||
      section.malformed ||
      section.tooLarge ||
      !stream.contentComplete
    ) {
      this.streamError(stream, ErrorCode.protocol, "the trailers are malformed");
    } else {
      stream.trailers(section.flat);
    }
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
    if (reply instanceof Promise) {
      void reply.then((settled) => stream.reply(settled));
    } else {
      stream.reply(reply);
    }
  }

  #onReset(id: number, payload: Uint8Array): void {
    this.streams.checkKnown(id, "RST_STREAM");
    // Also of a stream that is over: an answer that is ready at once is no work that may be asked for in vain
    // without end. What we have pushed is not the client's to answer for.
    if (id % 2 === 1) this.#countReset();
    else this.nuisance();
    this.streams
      .get(id)
      ?.broken(new Error(`the client reset the stream with code ${readUint32(payload, 0)}`));
  }

  /** Content was used: the client may send as much again. */
  used(bytes: number): void {
    const more = this.#receiveWindow.use(bytes);
    if (more === 0 || this.ended) return;
    this.writer.numbers(FrameType.windowUpdate, 0, more);
    this.writer.schedule();
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
    this.#countReset();
  }

  /** Sends RST_STREAM. */
  cut(id: number, code: number): void {
    this.streams.noteCut(id);
    this.writer.numbers(FrameType.rstStream, id, code);
  }

  streamError(stream: Http2Stream, code: number, message: string): void {
    this.#countReset();
    stream.abort(code, new Error(message));
  }

  #countReset(): void {
    if (this.guard.reset()) this.#fail(ErrorCode.enhanceYourCalm, "too_many_resets");
  }

  nuisance(): void {
    if (this.guard.nuisance()) this.#fail(ErrorCode.enhanceYourCalm, "frame_flood");
  }

  report(code: string, status: number): void {
    const { remoteAddress } = this.info;
    this.host.observer.refused?.({ code, status, remoteAddress });
  }

  /** Ends the connection for a fault of the client (RFC 9113 5.4.1). */
  #fail(code: number, why: string): void {
    if (this.ended) return;
    this.report(code === ErrorCode.enhanceYourCalm ? why : "http2_protocol_error", 0);
    this.ended = true;
    this.writer.numbers(FrameType.goaway, 0, this.streams.lastOpened, code);
    this.writer.flush();
    for (const stream of this.streams.values()) stream.broken(new Error(why));
    this.#socket.endWrite();
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
    this.#socket.endWrite();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  sweep(elapsedMs: number): void {
    const { limits } = this.host;
    if (this.ended) {
      this.#endedMs += elapsedMs;
      if (this.#endedMs > LINGER_MS) this.#socket.destroy();
      return;
    }
    this.guard.sweep(elapsedMs);
    if (this.#goingAway === "announced") this.#finalGoAway();
    if (this.#blocks.open || !this.#settled) this.#blockMs += elapsedMs;
    if (this.#blockMs > limits.headerTimeoutMs)
      this.#fail(ErrorCode.enhanceYourCalm, "header_timeout");
    if (this.writer.blocked && this.writer.tooSlow(elapsedMs, limits)) {
      this.report("slow_reader", 0);
      this.#socket.destroy();
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
