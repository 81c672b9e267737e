import { CloseCode } from "../../wire/websocket/close-code.ts";
import { encodeClosePayload } from "../../wire/websocket/close-payload.ts";
import { encodeFrame } from "../../wire/websocket/frame-writer.ts";
import type { MessageHandler } from "../../wire/websocket/message-reader.ts";
import { MessageReader } from "../../wire/websocket/message-reader.ts";
import { MAX_CONTROL_BYTES, Opcode } from "../../wire/websocket/opcode.ts";
import { WebSocketError } from "../../wire/websocket/websocket-error.ts";
import type { Duplex } from "../../wire/duplex.ts";
import { Inbox } from "./inbox.ts";
import { Liveness } from "./liveness.ts";
import type { WebSocketMessage, WebSocketSettings } from "./options.ts";
import { Outbox } from "./outbox.ts";
import type { MessageStyle, PreparedMessage } from "./prepared-message.ts";
import { encodeMessage } from "./prepared-message.ts";
import type { RoomMember, Rooms } from "./rooms.ts";

/** What is told of a connection. What answers with a promise is waited for before the next is called. */
export interface ConnectionListener<D> {
  open(ws: WebSocketConnection<D>): unknown;
  message(ws: WebSocketConnection<D>, message: WebSocketMessage): unknown;
  pong(ws: WebSocketConnection<D>, payload: Uint8Array): unknown;
  drain(ws: WebSocketConnection<D>): unknown;
  close(ws: WebSocketConnection<D>, code: number, reason: string): unknown;
  error(ws: WebSocketConnection<D>, error: unknown): void;
}

/** What was agreed on in the handshake. */
export interface ConnectionTerms {
  /** The subprotocol, or "". */
  readonly subprotocol: string;
  /** How we send; a client masks (RFC 6455 5.1). */
  readonly style: MessageStyle;
}

/** The values of a browser's `readyState`. */
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** How much is read and forgotten of a peer that has broken the protocol, so that it can receive why. */
const LINGER_BYTES = 1024 * 1024;

/**
 * One WebSocket (RFC 6455), of either side, over bytes both ways.
 * @typeParam D what the application keeps with it
 */
export class WebSocketConnection<D = unknown> implements RoomMember {
  /** The application's own. */
  data: D;
  /** The subprotocol agreed on, or "". */
  readonly subprotocol: string;
  readonly #duplex: Duplex;
  readonly #style: MessageStyle;
  readonly #settings: Required<WebSocketSettings>;
  readonly #listener: ConnectionListener<D>;
  readonly #rooms: Rooms;
  readonly #reader: MessageReader;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #liveness: Liveness;
  #state: 1 | 2 | 3 = OPEN;
  #closeSent = false;
  /** What comes is no longer read as frames. */
  #deaf = false;
  /** Why we closed, which is all there is to say when the peer does not answer. */
  #ownReason = "";

  constructor(
    duplex: Duplex,
    terms: ConnectionTerms,
    settings: Required<WebSocketSettings>,
    listener: ConnectionListener<D>,
    rooms: Rooms,
    data: D,
  ) {
    const { style } = terms;
    const { maxMessage, maxFragments } = settings;
    const limits = { messageBytes: maxMessage, fragments: maxFragments };
    this.data = data;
    this.subprotocol = terms.subprotocol;
    this.#duplex = duplex;
    this.#style = style;
    this.#settings = settings;
    this.#listener = listener;
    this.#rooms = rooms;
    this.#reader = new MessageReader(this.#events, !style.masked, limits, style.codec);
    this.#inbox = new Inbox(maxMessage, (error) => this.#failed(error));
    const drained = (): void => this.#inbox.run(() => listener.drain(this), 0);
    this.#outbox = new Outbox(duplex, drained, () => this.terminate());
    this.#liveness = new Liveness(settings, {
      ask: () => this.ping(),
      idle: () => this.close(CloseCode.normal, "nothing was said for too long"),
      gone: () => this.terminate(),
    });
    duplex.onDrain?.(() => this.close(CloseCode.goingAway, "the server goes down"));
  }

  /** Has `open` called, then reads until the end; for whoever has made the connection. */
  start(): void {
    this.#inbox.run(() => this.#listener.open(this), 0);
    // Not at once: the handler that makes the connection is still running.
    queueMicrotask(() => void this.#read());
  }

  /** 1 open, 2 closing, 3 closed, as in browsers. */
  get readyState(): 1 | 2 | 3 {
    return this.#state;
  }

  /** Bytes that were sent here and have not left, at most. */
  get bufferedAmount(): number {
    return this.#outbox.bytes;
  }

  /** Whether compression was agreed on. */
  get compressed(): boolean {
    return this.#style.codec !== undefined;
  }

  /**
   * Sends a message: text, or bytes, which may be changed as soon as this returns.
   * @returns false when the peer is behind, or the connection is no longer open: send more after
   * {@link drained}, or when the `drain` handler is called
   */
  send(data: string | Uint8Array): boolean {
    return this.#hasRoom() && this.#outbox.send(encodeMessage(data, this.#style));
  }

  /** Sends a value as JSON text. @returns as {@link send} */
  sendJson(value: unknown): boolean {
    return this.send(JSON.stringify(value));
  }

  /** Sends a message that was made for many. @returns as {@link send} */
  sendPrepared(message: PreparedMessage): boolean {
    return this.#hasRoom() && this.#outbox.send(message.frame(this.#style));
  }

  /** Resolves once everything has left, or at once. Rejects when the connection ends before. */
  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /** Asks the peer for a pong with the same payload. @throws RangeError over 125 bytes */
  ping(payload: string | Uint8Array = ""): void {
    const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
    if (bytes.byteLength > MAX_CONTROL_BYTES) {
      throw new RangeError(`a ping carries at most ${MAX_CONTROL_BYTES} bytes`);
    }
    if (this.#state === OPEN) this.#control(Opcode.ping, bytes);
  }

  /**
   * Begins the end: what was sent before still leaves, and messages that come behind this are dropped.
   * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999
   * @param reason at most 123 bytes of UTF-8
   * @throws RangeError for other codes and longer reasons
   */
  close(code: number = CloseCode.normal, reason = ""): void {
    const payload = encodeClosePayload(code, reason);
    if (this.#state !== OPEN) return;
    this.#ownReason = reason;
    this.#sendClose(payload);
  }

  /** Breaks the connection off, without a close frame. */
  terminate(): void {
    this.#finish(CloseCode.abnormal, this.#ownReason);
    this.#deaf = true;
    this.#outbox.close();
    this.#liveness.stop();
    this.#duplex.destroy();
  }

  /** Listens to a topic until {@link unsubscribe} or the end. */
  subscribe(topic: string): void {
    if (this.#state === OPEN) this.#rooms.join(topic, this);
  }

  unsubscribe(topic: string): void {
    this.#rooms.leave(topic, this);
  }

  /** Sends to everybody else who listens to a topic. @returns how many they are */
  publish(topic: string, data: string | Uint8Array): number {
    return this.#rooms.publish(topic, data, this);
  }

  /** Whether a message may be sent; what a peer that is too slow has earned, where not. */
  #hasRoom(): boolean {
    if (this.#state !== OPEN) return false;
    this.#liveness.used();
    const { maxBuffered, slow } = this.#settings;
    if (this.#outbox.bytes <= maxBuffered) return true;
    if (slow === "drop") {
      this.#outbox.wantDrain();
    } else {
      this.#outbox.clear();
      this.close(CloseCode.tryAgainLater, "too slow");
    }
    return false;
  }

  async #read(): Promise<void> {
    let lingered = 0;
    try {
      for (;;) {
        const next = this.#duplex.pull();
        const chunk = next instanceof Promise ? await next : next;
        if (chunk === null) break;
        this.#liveness.heard();
        if (!this.#deaf) {
          const waiting = this.#take(chunk);
          if (waiting !== undefined) await waiting;
        } else if ((lingered += chunk.byteLength) > LINGER_BYTES) {
          this.terminate();
          return;
        }
      }
    } catch {
      // The connection is gone; what that means depends on how far the close had come.
      this.terminate();
      return;
    }
    // The peer has ended its side, and may still be reading what was sent to it.
    this.#finish(CloseCode.abnormal, this.#ownReason);
    this.#deaf = true;
    this.#outbox.end();
    await this.#outbox.ended;
    this.#liveness.stop();
  }

  /** Reads frames. @returns a promise where handlers are behind */
  #take(chunk: Uint8Array, from = 0): Promise<void> | undefined {
    try {
      const at = this.#reader.read(chunk, from);
      return this.#inbox.full && !this.#deaf ? this.#takeLater(chunk, at) : undefined;
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      this.#fail(error);
      return undefined;
    }
  }

  async #takeLater(chunk: Uint8Array, at: number): Promise<void> {
    await this.#inbox.room();
    // Pings went unanswered meanwhile, and pongs unread.
    this.#liveness.heard();
    this.#reader.resume();
    await this.#take(chunk, at);
  }

  readonly #events: MessageHandler = {
    message: (data) => {
      this.#liveness.used();
      if (this.#state !== OPEN) return;
      const bytes = typeof data === "string" ? data.length : data.byteLength;
      this.#inbox.run(() => this.#listener.message(this, data), bytes);
      if (this.#inbox.full) this.#reader.pause();
    },
    ping: (payload) => {
      // RFC 6455 5.5.2 and 5.5.3. A peer that reads no pongs gets no more of them.
      if (this.#closeSent || this.#outbox.bytes > this.#settings.maxBuffered) return;
      this.#control(Opcode.pong, payload);
    },
    pong: (payload) => {
      if (this.#state !== OPEN) return;
      const copy = payload.slice();
      this.#inbox.run(() => this.#listener.pong(this, copy), copy.byteLength);
      if (this.#inbox.full) this.#reader.pause();
    },
    close: (code, reason) => {
      this.#deaf = true;
      // RFC 6455 5.5.1: what was said is given back.
      const said = code === CloseCode.noStatus ? undefined : code;
      if (!this.#closeSent) this.#sendClose(encodeClosePayload(said, reason));
      this.#finish(code, reason);
      this.#outbox.end();
    },
  };

  #control(opcode: number, payload: Uint8Array): void {
    this.#outbox.send(encodeFrame(opcode, payload, { masked: this.#style.masked }));
  }

  #sendClose(payload: Uint8Array): void {
    this.#state = CLOSING;
    this.#rooms.leaveAll(this);
    this.#liveness.closing();
    this.#control(Opcode.close, payload);
    this.#closeSent = true;
  }

  /** The peer has broken the protocol (RFC 6455 7.1.7). */
  #fail(error: WebSocketError): void {
    this.#deaf = true;
    if (!this.#closeSent) this.#sendClose(encodeClosePayload(error.code, error.message));
    this.#finish(error.code, error.message);
    this.#outbox.end();
  }

  /** A handler threw. */
  #failed(error: unknown): void {
    this.#listener.error(this, error);
    this.close(CloseCode.internalError, "the server failed");
  }

  /** It is over for the application; the transport may still have to end. */
  #finish(code: number, reason: string): void {
    if (this.#state === CLOSED) return;
    this.#state = CLOSED;
    this.#rooms.leaveAll(this);
    this.#liveness.closing();
    this.#inbox.run(() => this.#listener.close(this, code, reason), 0);
  }
}

const encoder = new TextEncoder();
