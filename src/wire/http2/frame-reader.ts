import { concat, latin1, part } from "../../runtime/bytes.ts";
import {
  ConnectionError,
  ErrorCode,
  FRAME_HEAD_BYTES,
  MAX_FRAME_BYTES,
  PREFACE,
  readUint32,
} from "./frames.ts";

/** Called with each whole frame; the payload stays valid. */
export type FrameVisitor = (
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array,
) => void;

/** Cuts a byte stream into frames (RFC 9113 4.1); from a client, its preface first (3.4). */
export class FrameReader {
  #rest: Uint8Array | undefined;
  #prefaced: boolean;

  constructor(prefaced = false) {
    this.#prefaced = prefaced;
  }

  /** @throws ConnectionError on a wrong preface or a frame that is too large, and what `visit` throws */
  read(chunk: Uint8Array, visit: FrameVisitor): void {
    const bytes = this.#rest === undefined ? chunk : concat(this.#rest, chunk);
    this.#rest = undefined;
    let at = 0;
    if (!this.#prefaced) {
      if (!this.#readPreface(bytes)) return;
      at = PREFACE.length;
    }
    while (bytes.byteLength - at >= FRAME_HEAD_BYTES) {
      const length = readUint32(bytes, at) >>> 8;
      if (length > MAX_FRAME_BYTES) {
        throw new ConnectionError(ErrorCode.frameSize, `a frame of ${length} bytes`);
      }
      const end = at + FRAME_HEAD_BYTES + length;
      if (end > bytes.byteLength) break;
      const payload = part(bytes, at + FRAME_HEAD_BYTES, end);
      const stream = readUint32(bytes, at + 5) & 0x7fffffff;
      visit(bytes[at + 3] as number, bytes[at + 4] as number, stream, payload);
      at = end;
    }
    if (at < bytes.byteLength) this.#rest = bytes.subarray(at);
  }

  #readPreface(bytes: Uint8Array): boolean {
    const length = Math.min(bytes.byteLength, PREFACE.length);
    if (latin1(bytes, 0, length) !== PREFACE.slice(0, length)) {
      throw new ConnectionError(ErrorCode.protocol, "the connection preface is wrong");
    }
    this.#prefaced = length === PREFACE.length;
    if (!this.#prefaced) this.#rest = bytes;
    return this.#prefaced;
  }
}
