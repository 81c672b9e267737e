import { utf8Length } from "../../runtime/bytes.ts";
import { applyMask } from "./masking.ts";

const FIN = 0x80;
const RSV1 = 0x40;
const MASKED = 0x80;

const encoder = new TextEncoder();

/** How a frame is written. */
export interface FrameStyle {
  /** Whether we are a client, whose frames carry a fresh key each (RFC 6455 5.3). */
  readonly masked: boolean;
  /** RSV1: the payload is that of a compressed message (RFC 7692 6). */
  readonly compressed?: boolean;
  /** False for all but the last frame of a fragmented message. */
  readonly fin?: boolean;
}

/**
 * A frame in one buffer of its own: it leaves in one write, goes to any number of peers when it is not
 * masked, and what it was made of may be changed at once.
 */
export function encodeFrame(
  opcode: number,
  payload: Uint8Array | string,
  style: FrameStyle,
): Uint8Array {
  const text = typeof payload === "string";
  const length = text ? utf8Length(payload) : payload.byteLength;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + extended + (style.masked ? 4 : 0);
  const frame = new Uint8Array(start + length);
  frame[0] = opcode | (style.fin === false ? 0 : FIN) | (style.compressed === true ? RSV1 : 0);
  const mask = style.masked ? MASKED : 0;
  if (extended === 0) {
    frame[1] = mask | length;
  } else if (extended === 2) {
    frame[1] = mask | 126;
    frame[2] = length >> 8;
    frame[3] = length & 0xff;
  } else {
    frame[1] = mask | 127;
    writeUint32(frame, 2, Math.floor(length / 2 ** 32));
    writeUint32(frame, 6, length >>> 0);
  }
  if (!text) frame.set(payload, start);
  else if (length === payload.length && length < SHORT_BYTES) writeAscii(frame, payload, start);
  else encoder.encodeInto(payload, frame.subarray(start));
  if (style.masked) {
    const key = nextKey();
    writeUint32(frame, start - 4, key);
    applyMask(frame.subarray(start), key);
  }
  return frame;
}

/** Text whose bytes are as many as its characters is ASCII; below this a loop beats a call of the encoder. */
const SHORT_BYTES = 64;

function writeAscii(bytes: Uint8Array, text: string, at: number): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Keys must not be foreseeable (RFC 6455 10.3); asking for many at once is cheaper. */
const keys = new Uint32Array(256);
let used = keys.length;

function nextKey(): number {
  if (used === keys.length) {
    crypto.getRandomValues(keys);
    used = 0;
  }
  return keys[used++] as number;
}
