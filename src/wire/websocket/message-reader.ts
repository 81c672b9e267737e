import { GrowingBytes } from "../growing-bytes.ts";
import { CloseCode } from "./close-code.ts";
import { decodeClosePayload } from "./close-payload.ts";
import type { FrameHandler } from "./frame-reader.ts";
import { FrameReader } from "./frame-reader.ts";
import { MAX_CONTROL_BYTES, Opcode } from "./opcode.ts";
import type { MessageCodec } from "./permessage-deflate.ts";
import { decodeUtf8, Utf8Stream } from "./utf8-stream.ts";
import { WebSocketError } from "./websocket-error.ts";

/** Who is told of messages and control frames. */
export interface MessageHandler {
  /** Bytes are the handler's own. */
  message(data: string | Uint8Array<ArrayBuffer>): void;
  /** The payload is a view that is valid during the call. */
  ping(payload: Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** The peer's close frame; nothing is read behind it. 1005 when it has no code. */
  close(code: number, reason: string): void;
}

export interface MessageLimits {
  /** Bytes of a message, whole and inflated. Over it: 1009. */
  readonly messageBytes: number;
  /** Frames of one message. Over it: 1008. */
  readonly fragments: number;
}

/**
 * Puts frames together into messages (RFC 6455 5.4 to 5.6): fragments, control frames between them, UTF-8
 * that is refused as soon as it is wrong, compression, limits that hold before bytes are kept.
 */
export class MessageReader implements FrameHandler {
  readonly #frames: FrameReader;
  readonly #handler: MessageHandler;
  readonly #limits: MessageLimits;
  readonly #codec: MessageCodec | undefined;
  readonly #control = new Uint8Array(MAX_CONTROL_BYTES);
  #controlBytes = 0;
  #frameOpcode: number = Opcode.continuation;
  #frameFin = false;
  /** Of the message under way; `continuation` when there is none. */
  #opcode: number = Opcode.continuation;
  #compressed = false;
  #size = 0;
  #fragments = 0;
  #kept: GrowingBytes | undefined;
  #utf8: Utf8Stream | undefined;
  #closed = false;

  /** @param masked whether the peer is a client */
  constructor(
    handler: MessageHandler,
    masked: boolean,
    limits: MessageLimits,
    codec: MessageCodec | undefined,
  ) {
    this.#handler = handler;
    this.#limits = limits;
    this.#codec = codec;
    this.#frames = new FrameReader(this, masked, codec !== undefined);
  }

  /** Stops {@link read} behind the frame that is being read, until {@link resume}. */
  pause(): void {
    this.#frames.paused = true;
  }

  resume(): void {
    this.#frames.paused = this.#closed;
  }

  /**
   * Reads `chunk` from `from`; its bytes may be changed.
   * @returns up to where it was read: less than its length when it was paused or the peer has closed
   * @throws WebSocketError when the connection must fail
   */
  read(chunk: Uint8Array, from = 0): number {
    return this.#frames.read(chunk, from);
  }

  frame(fin: boolean, opcode: number, compressed: boolean, length: number): void {
    this.#frameOpcode = opcode;
    this.#frameFin = fin;
    if (opcode >= Opcode.close) return;
    const continues = this.#opcode !== Opcode.continuation;
    if (opcode === Opcode.continuation) {
      if (!continues) throw protocolError("a continuation without a message");
      if (++this.#fragments > this.#limits.fragments) {
        throw new WebSocketError(CloseCode.policyViolation, "the message has too many fragments");
      }
    } else {
      if (continues) throw protocolError("a message begins before the last one has ended");
      this.#opcode = opcode;
      this.#compressed = compressed;
      this.#fragments = 1;
      this.#size = 0;
    }
    this.#size += length;
    const limit = this.#limits.messageBytes;
    // What cannot be compressed becomes a little longer.
    const slack = this.#compressed ? (limit >>> 10) + 64 : 0;
    if (this.#size > limit + slack) throw tooBig(limit);
  }

  payload(piece: Uint8Array, last: boolean): void {
    if (this.#frameOpcode >= Opcode.close) this.#controlPiece(piece, last);
    else this.#dataPiece(piece, last && this.#frameFin);
  }

  #dataPiece(piece: Uint8Array, ends: boolean): void {
    const text = this.#opcode === Opcode.text && !this.#compressed;
    if (ends && this.#kept === undefined && !this.#compressed) {
      // The common case: a message in one piece.
      this.#opcode = Opcode.continuation;
      this.#handler.message(text ? decoded(piece) : owned(piece));
      return;
    }
    if (text) {
      this.#utf8 ??= new Utf8Stream();
      // That the end is not in the middle of a character is seen when the whole is decoded.
      if (!this.#utf8.push(piece)) throw notUtf8();
    }
    // Empty pieces cost nothing, and a piece is only lent.
    if (this.#kept !== undefined) this.#kept.append(piece);
    else if (piece.byteLength > 0) this.#kept = new GrowingBytes(piece.slice());
    if (ends) this.#endMessage(this.#kept?.view ?? new Uint8Array(0));
  }

  #endMessage(bytes: Uint8Array): void {
    const text = this.#opcode === Opcode.text;
    const compressed = this.#compressed;
    this.#kept = undefined;
    this.#utf8 = undefined;
    this.#opcode = Opcode.continuation;
    const plain = compressed ? this.#inflate(bytes) : bytes;
    this.#handler.message(text ? decoded(plain) : owned(plain));
  }

  #inflate(bytes: Uint8Array): Uint8Array {
    const limit = this.#limits.messageBytes;
    try {
      return (this.#codec as MessageCodec).inflate(bytes, limit);
    } catch (error) {
      if (error instanceof RangeError) throw tooBig(limit);
      throw new WebSocketError(CloseCode.invalidData, "the compressed data is broken");
    }
  }

  #controlPiece(piece: Uint8Array, last: boolean): void {
    let payload = piece;
    if (!last || this.#controlBytes > 0) {
      this.#control.set(piece, this.#controlBytes);
      this.#controlBytes += piece.byteLength;
      if (!last) return;
      payload = this.#control.subarray(0, this.#controlBytes);
      this.#controlBytes = 0;
    }
    if (this.#frameOpcode === Opcode.ping) return this.#handler.ping(payload);
    if (this.#frameOpcode === Opcode.pong) return this.#handler.pong(payload);
    this.#closed = true;
    this.pause();
    const { code, reason } = decodeClosePayload(payload);
    this.#handler.close(code, reason);
  }
}

/** A copy of its own exact size: what was read is only lent, and what was kept may be larger. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.slice() as Uint8Array<ArrayBuffer>;
}

function decoded(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw notUtf8();
  return text;
}

function notUtf8(): WebSocketError {
  return new WebSocketError(CloseCode.invalidData, "the text is not UTF-8");
}

function tooBig(limit: number): WebSocketError {
  return new WebSocketError(CloseCode.tooBig, `a message has at most ${limit} bytes`);
}

function protocolError(reason: string): WebSocketError {
  return new WebSocketError(CloseCode.protocolError, reason);
}
