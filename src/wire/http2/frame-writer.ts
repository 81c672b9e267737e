import { latin1Bytes } from "../../runtime/bytes.ts";
import type { Socket } from "../../runtime/socket.ts";
import type { RateLimits } from "../rate-guard.ts";
import { RateGuard } from "../rate-guard.ts";
import {
  Flag,
  FRAME_HEAD_BYTES,
  FrameType,
  MAX_FRAME_BYTES,
  PREFACE,
  writeUint32,
} from "./frames.ts";

/** Gathered before it is written: a few full frames. */
const BUFFER_BYTES = 64 * 1024;
const MAX_IDLE = 8;

/** Buffers are lent for a turn, so that idle connections hold none. */
const idle: Uint8Array[] = [];

/** Frames of one turn, gathered into as few writes as can be. */
export class FrameWriter {
  /** The socket is full: no more DATA until `drain`. */
  blocked = false;
  readonly #socket: Socket;
  #buffer: Uint8Array | undefined;
  #at = 0;
  #scheduled = false;
  #written = 0;
  #guard: RateGuard | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes written that have not left yet. */
  get pendingBytes(): number {
    return this.#socket.pendingBytes;
  }

  drained(): void {
    this.blocked = false;
    this.#guard = undefined;
  }

  /** Whether the peer takes what was written too slowly; asked on every sweep while the socket is full. */
  tooSlow(elapsedMs: number, limits: RateLimits): boolean {
    this.#guard ??= new RateGuard();
    return this.#guard.tooSlow(this.#written - this.#socket.pendingBytes, elapsedMs, limits);
  }

  /** What a client sends before its first frame. */
  preface(): void {
    this.#bytes(latin1Bytes(PREFACE));
  }

  frame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    this.#head(payload.byteLength, type, flags, stream);
    this.#bytes(payload);
  }

  /** A frame whose payload is 32-bit numbers: RST_STREAM, WINDOW_UPDATE, GOAWAY. */
  numbers(type: number, stream: number, ...values: readonly number[]): void {
    const payload = new Uint8Array(values.length * 4);
    for (const [index, value] of values.entries()) writeUint32(payload, index * 4, value);
    this.frame(type, 0, stream, payload);
  }

  /** A field section, over CONTINUATION frames if it is long. `type` is HEADERS, or PUSH_PROMISE with its id in front. */
  fields(type: number, stream: number, block: Uint8Array, endStream: boolean): void {
    const end = endStream ? Flag.endStream : 0;
    if (block.byteLength <= MAX_FRAME_BYTES) {
      this.frame(type, Flag.endHeaders | end, stream, block);
      return;
    }
    this.frame(type, end, stream, block.subarray(0, MAX_FRAME_BYTES));
    for (let at = MAX_FRAME_BYTES; at < block.byteLength; at += MAX_FRAME_BYTES) {
      const last = at + MAX_FRAME_BYTES >= block.byteLength ? Flag.endHeaders : 0;
      this.frame(FrameType.continuation, last, stream, block.subarray(at, at + MAX_FRAME_BYTES));
    }
  }

  /** Sends what was gathered at the end of this turn at the latest. */
  schedule(): void {
    if (this.#scheduled || this.#at === 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  flush(): void {
    const buffer = this.#buffer;
    if (buffer === undefined || this.#at === 0) return;
    this.#written += this.#at;
    const all = this.#socket.write(buffer.subarray(0, this.#at));
    this.#at = 0;
    this.#buffer = undefined;
    if (!all) {
      // The socket keeps what it did not take.
      this.blocked = true;
    } else if (idle.length < MAX_IDLE) {
      idle.push(buffer);
    }
  }

  #head(length: number, type: number, flags: number, stream: number): void {
    const buffer = this.#room(FRAME_HEAD_BYTES);
    const at = this.#at;
    buffer[at] = length >>> 16;
    buffer[at + 1] = length >>> 8;
    buffer[at + 2] = length;
    buffer[at + 3] = type;
    buffer[at + 4] = flags;
    writeUint32(buffer, at + 5, stream);
    this.#at = at + FRAME_HEAD_BYTES;
  }

  #bytes(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#room(bytes.byteLength).set(bytes, this.#at);
    this.#at += bytes.byteLength;
  }

  #room(bytes: number): Uint8Array {
    if (this.#at + bytes > BUFFER_BYTES) this.flush();
    return (this.#buffer ??= idle.pop() ?? new Uint8Array(BUFFER_BYTES));
  }
}
