import { HeaderList } from "../../http/header-list.ts";
import type { Socket, SocketHandler } from "../../runtime/socket.ts";
import { HpackError } from "../hpack/decoder.ts";
import { ControlFrames } from "./control-frames.ts";
import { FloodGuard } from "./flood-guard.ts";
import { FrameReader } from "./frame-reader.ts";
import { checkFrame } from "./frame-rules.ts";
import { FrameWriter } from "./frame-writer.ts";
import { ConnectionError, ErrorCode, Flag, FrameType, readUint32, unpad } from "./frames.ts";
import type { BlockLimits, HeaderBlock } from "./header-blocks.ts";
import { HeaderBlocks } from "./header-blocks.ts";
import type { MessageStream, StreamConnection } from "./message-stream.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { SendQueue } from "./send-queue.ts";
import { defaultPeerSettings } from "./settings.ts";
import { StreamTable } from "./stream-table.ts";

/** Acknowledgements and resets that a peer lets pile up without reading. */
const MAX_PENDING_BYTES = 1024 * 1024;

/** What an end allows the other. */
export interface EndpointLimits extends BlockLimits {
  /** Streams that it may break off, or have broken off, within 30 seconds. */
  readonly resets: number;
}

/**
 * One end of an HTTP/2 connection (RFC 9113): frames in and frames out, flow control, and nobody floods it.
 * What the streams are for, a server's or a client's part, is a subclass's.
 */
export abstract class Endpoint<S extends MessageStream> implements SocketHandler, StreamConnection {
  readonly writer: FrameWriter;
  readonly peer = defaultPeerSettings();
  readonly guard: FloodGuard;
  readonly queue: SendQueue;
  readonly streams = new StreamTable<S>();
  /** Our side of the connection has ended. */
  ended = false;
  protected readonly socket: Socket;
  /** The peer has sent its settings. */
  protected settled = false;
  readonly #limits: EndpointLimits;
  readonly #reader: FrameReader;
  readonly #control = new ControlFrames(this);
  readonly #blocks = new HeaderBlocks();
  readonly #receiveWindow: ReceiveWindow;

  constructor(socket: Socket, side: "server" | "client", window: number, limits: EndpointLimits) {
    this.socket = socket;
    this.#limits = limits;
    this.#reader = new FrameReader(side === "client");
    this.#receiveWindow = new ReceiveWindow(window);
    this.writer = new FrameWriter(socket);
    this.queue = new SendQueue(this.writer);
    this.guard = new FloodGuard(limits.resets);
    socket.handler = this;
  }

  data(chunk: Uint8Array): void {
    if (this.ended) return;
    try {
      this.#reader.read(chunk, this.#frame);
    } catch (error) {
      if (error instanceof ConnectionError) this.fail(error.code, error.message);
      else if (error instanceof HpackError) this.fail(ErrorCode.compression, error.message);
      else throw error;
    }
    this.writer.flush();
    // DATA stops as soon as the socket is full, so that this is never a large body.
    if (this.writer.pendingBytes > MAX_PENDING_BYTES) {
      this.fail(ErrorCode.enhanceYourCalm, "too_many_acknowledgements");
    }
  }

  abstract end(): void;

  drain(): void {
    this.writer.drained();
    this.queue.resume();
  }

  abstract close(error?: Error): void;

  /** A header block has begun and is not complete. */
  protected get blockOpen(): boolean {
    return this.#blocks.open;
  }

  readonly #frame = (type: number, flags: number, id: number, payload: Uint8Array): void => {
    if (this.ended) return;
    if (!this.settled && type !== FrameType.settings) {
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
        return this.#onBlock(this.#blocks.begin(flags, id, payload, this.#limits));
      case FrameType.continuation:
        this.nuisance();
        return this.#onBlock(this.#blocks.go(flags, id, payload, this.#limits));
      case FrameType.priority:
        return this.nuisance();
      case FrameType.rstStream:
        this.streams.checkKnown(id, "RST_STREAM");
        return this.onReset(id, readUint32(payload, 0));
      case FrameType.settings:
        if (!this.#control.settings(flags, payload)) return;
        this.settled = true;
        return this.onSettings();
      case FrameType.ping:
        return this.#control.ping(flags, payload);
      case FrameType.windowUpdate:
        return this.#control.windowUpdate(id, payload);
      case FrameType.goaway:
        this.nuisance();
        return this.onGoAway(readUint32(payload, 0) & 0x7fffffff, readUint32(payload, 4));
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
    const stream = this.streams.get(block.stream);
    if (stream === undefined) this.onUnopened(block);
    else this.onFields(stream, block);
  }

  /** Takes the field section that ends a message. */
  protected takeTrailers(stream: S, { section, endStream }: HeaderBlock): void {
    const pseudo = section.flat.some((text, index) => index % 2 === 0 && text.startsWith(":"));
    if (stream.remoteEnded) {
      this.streamError(stream, ErrorCode.streamClosed, "HEADERS behind the end of a stream");
    } else if (
      !endStream ||
      pseudo ||
      section.malformed ||
      section.tooLarge ||
      !stream.contentComplete
    ) {
      this.streamError(stream, ErrorCode.protocol, "the trailers are malformed");
    } else {
      stream.trailers(new HeaderList(section.flat));
    }
  }

  used(bytes: number): void {
    const more = this.#receiveWindow.use(bytes);
    if (more === 0 || this.ended) return;
    this.writer.numbers(FrameType.windowUpdate, 0, more);
    this.writer.schedule();
  }

  cut(id: number, code: number): void {
    this.streams.noteCut(id);
    this.writer.numbers(FrameType.rstStream, id, code);
  }

  streamError(stream: S, code: number, message: string): void {
    this.countReset();
    stream.abort(code, this.asError(message));
  }

  protected countReset(): void {
    if (this.guard.reset()) this.fail(ErrorCode.enhanceYourCalm, "too_many_resets");
  }

  nuisance(): void {
    if (this.guard.nuisance()) this.fail(ErrorCode.enhanceYourCalm, "frame_flood");
  }

  /** Ends the connection for a fault of the peer (RFC 9113 5.4.1). */
  protected fail(code: number, why: string): void {
    if (this.ended) return;
    this.ended = true;
    this.writer.numbers(FrameType.goaway, 0, this.lastTaken, code);
    this.writer.flush();
    const reason = this.asError(why);
    for (const stream of this.streams.values()) stream.broken(reason);
    this.failed(code, why);
  }

  /** The last stream of the peer that we have seen to. */
  protected abstract readonly lastTaken: number;

  /** What a stream ends with when the peer has done `what` it may not. */
  protected asError(what: string): Error {
    return new Error(what);
  }

  /** The connection has failed: GOAWAY is sent, its streams are broken. */
  protected abstract failed(code: number, why: string): void;

  /** The peer has answered our PING. */
  pong(): void {}

  protected onSettings(): void {}

  protected abstract onGoAway(last: number, code: number): void;

  protected abstract onReset(id: number, code: number): void;

  /** A field section on a stream that is open. */
  protected abstract onFields(stream: S, block: HeaderBlock): void;

  /** A field section on any other stream. */
  protected abstract onUnopened(block: HeaderBlock): void;
}
