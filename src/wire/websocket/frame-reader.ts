import { CloseCode } from "./close-code.ts";
import { applyMask } from "./masking.ts";
import { MAX_CONTROL_BYTES, Opcode } from "./opcode.ts";
import { WebSocketError } from "./websocket-error.ts";

/** Who is told of frames. */
export interface FrameHandler {
  /** The head of a frame is complete. */
  frame(fin: boolean, opcode: number, compressed: boolean, length: number): void;
  /**
   * The next piece of its payload, unmasked; a view of what was read. Called at least once for each frame.
   * @param last whether the frame ends with it
   */
  payload(piece: Uint8Array, last: boolean): void;
}

const FIN = 0x80;
const RSV1 = 0x40;
const RSV2_AND_3 = 0x30;
const MASKED = 0x80;
const LONGEST_HEAD = 14;
const NONE = new Uint8Array(0);

/**
 * Cuts bytes into frames (RFC 6455 5.2), whatever pieces they come in, and refuses what no frame may be. It
 * serves either side: what a server reads is masked, what a client reads is not.
 */
export class FrameReader {
  /** Set by the handler: {@link read} then returns at the end of the frame. */
  paused = false;
  readonly #handler: FrameHandler;
  readonly #masked: boolean;
  readonly #compression: boolean;
  /** A head that came in pieces. */
  readonly #head = new Uint8Array(LONGEST_HEAD);
  #headBytes = 0;
  /** Payload bytes still to come; -1 between frames. */
  #left = -1;
  #mask = 0;
  #phase = 0;

  /**
   * @param masked whether the peer is a client (5.1)
   * @param compression whether permessage-deflate was agreed on, which gives RSV1 a meaning (RFC 7692 6)
   */
  constructor(handler: FrameHandler, masked: boolean, compression: boolean) {
    this.#handler = handler;
    this.#masked = masked;
    this.#compression = compression;
  }

  /**
   * Reads `chunk` from `from`; its bytes may be changed.
   * @returns up to where it was read: its length unless {@link paused} was set
   * @throws WebSocketError, and what the handler throws; nothing more can be read then
   */
  read(chunk: Uint8Array, from = 0): number {
    let at = from;
    while (at < chunk.byteLength && !this.paused) {
      if (this.#left < 0) {
        at = this.#readHead(chunk, at);
        if (this.#left !== 0) continue;
        this.#left = -1;
        this.#handler.payload(NONE, true);
        continue;
      }
      const end = Math.min(at + this.#left, chunk.byteLength);
      const piece = chunk.subarray(at, end);
      if (this.#masked) {
        applyMask(piece, this.#mask, this.#phase);
        this.#phase = (this.#phase + piece.byteLength) & 3;
      }
      at = end;
      this.#left -= piece.byteLength;
      const last = this.#left === 0;
      if (last) this.#left = -1;
      this.#handler.payload(piece, last);
    }
    return at;
  }

  #readHead(chunk: Uint8Array, from: number): number {
    if (this.#headBytes === 0 && chunk.byteLength - from >= 2) {
      this.#check(chunk[from] as number, chunk[from + 1] as number);
      const size = headSize(chunk[from + 1] as number);
      if (chunk.byteLength - from >= size) {
        this.#parse(chunk, from);
        return from + size;
      }
    }
    let at = from;
    const head = this.#head;
    while (at < chunk.byteLength) {
      head[this.#headBytes++] = chunk[at++] as number;
      if (this.#headBytes < 2) continue;
      if (this.#headBytes === 2) this.#check(head[0] as number, head[1] as number);
      if (this.#headBytes < headSize(head[1] as number)) continue;
      this.#headBytes = 0;
      this.#parse(head, 0);
      break;
    }
    return at;
  }

  /** What the first two bytes tell already. */
  #check(first: number, second: number): void {
    if ((first & RSV2_AND_3) !== 0 || ((first & RSV1) !== 0 && !this.#compression)) {
      throw protocolError("a reserved bit is set");
    }
    const opcode = first & 0x0f;
    if ((opcode > Opcode.binary && opcode < Opcode.close) || opcode > Opcode.pong) {
      throw protocolError("the opcode is reserved");
    }
    if (((second & MASKED) !== 0) !== this.#masked) {
      throw protocolError(
        this.#masked ? "a client's frame must be masked" : "a server's frame must not be masked",
      );
    }
    if (opcode < Opcode.close) {
      // RFC 7692 6.1: the bit belongs to the first frame of a message.
      if ((first & RSV1) !== 0 && opcode === Opcode.continuation) {
        throw protocolError("RSV1 is set on a continuation");
      }
      return;
    }
    if ((first & RSV1) !== 0) throw protocolError("RSV1 is set on a control frame");
    if ((first & FIN) === 0) throw protocolError("a control frame is fragmented");
    if ((second & 0x7f) > MAX_CONTROL_BYTES) throw protocolError("a control frame is too long");
  }

  #parse(bytes: Uint8Array, from: number): void {
    const first = bytes[from] as number;
    let length = (bytes[from + 1] as number) & 0x7f;
    let at = from + 2;
    if (length === 126) {
      length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
      if (length < 126) throw protocolError("the length is not in its shortest form");
      at += 2;
    } else if (length === 127) {
      const high = uint32(bytes, at);
      if (high > 0x7fffffff) throw protocolError("the length has its highest bit set");
      length = high * 2 ** 32 + uint32(bytes, at + 4);
      if (length < 65_536) throw protocolError("the length is not in its shortest form");
      at += 8;
    }
    if (this.#masked) {
      this.#mask = uint32(bytes, at);
      this.#phase = 0;
    }
    this.#left = length;
    this.#handler.frame((first & FIN) !== 0, first & 0x0f, (first & RSV1) !== 0, length);
  }
}

function headSize(second: number): number {
  const length = second & 0x7f;
  const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
  return 2 + extended + ((second & MASKED) === 0 ? 0 : 4);
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

function protocolError(reason: string): WebSocketError {
  return new WebSocketError(CloseCode.protocolError, reason);
}
