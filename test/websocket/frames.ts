import { constants, deflateRawSync, inflateRawSync } from "node:zlib";

/** A frame as a client would write it, right or wrong; nothing here is shared with the product. */
export interface FrameShape {
  fin?: boolean;
  /** The three reserved bits as they stand in the first byte: 0x40, 0x20, 0x10. */
  rsv?: number;
  masked?: boolean;
  /** Bytes that the length is written in: 1, 2 or 8; the shortest if left out. */
  lengthIn?: 1 | 2 | 8;
  /** What the length says, if not the truth. */
  says?: bigint;
}

const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

export function frame(
  opcode: number,
  payload: Uint8Array | string = "",
  shape: FrameShape = {},
): Buffer {
  const { fin = true, rsv = 0, masked = true } = shape;
  const bytes = Buffer.from(payload as string);
  const says = shape.says ?? BigInt(bytes.length);
  const lengthIn = shape.lengthIn ?? (says < 126n ? 1 : says < 65_536n ? 2 : 8);
  const head = Buffer.alloc(lengthIn === 1 ? 2 : 2 + lengthIn);
  head[0] = (fin ? 0x80 : 0) | rsv | opcode;
  head[1] = (masked ? 0x80 : 0) | (lengthIn === 1 ? Number(says) : lengthIn === 2 ? 126 : 127);
  if (lengthIn === 2) head.writeUInt16BE(Number(says), 2);
  if (lengthIn === 8) head.writeBigUInt64BE(says, 2);
  if (!masked) return Buffer.concat([head, bytes]);
  const hidden = bytes.map((byte, i) => byte ^ (KEY[i % 4] as number));
  return Buffer.concat([head, KEY, hidden]);
}

export const more = (opcode: number, payload: Uint8Array | string = ""): Buffer =>
  frame(opcode, payload, { fin: false });
export const text = (payload: Uint8Array | string): Buffer => frame(1, payload);
export const binary = (payload: Uint8Array | string): Buffer => frame(2, payload);
export const last = (payload: Uint8Array | string = ""): Buffer => frame(0, payload);
export const ping = (payload: Uint8Array | string = ""): Buffer => frame(9, payload);
export const pong = (payload: Uint8Array | string = ""): Buffer => frame(10, payload);

export function close(code?: number, reason: Uint8Array | string = ""): Buffer {
  if (code === undefined) return frame(8);
  return frame(
    8,
    Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason as string)]),
  );
}

/** What RFC 7692 7.2.1 makes of a message. */
export function deflated(data: Uint8Array | string, windowBits = 15): Buffer {
  const out = deflateRawSync(data, { windowBits, finishFlush: constants.Z_SYNC_FLUSH });
  return out.subarray(0, out.length - 4);
}

export function inflated(payload: Uint8Array): Buffer {
  const whole = Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]);
  return inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH });
}

/** A frame as a server has sent it. */
export interface SentFrame {
  fin: boolean;
  rsv: number;
  opcode: number;
  payload: Buffer;
}

/** Cuts what a server sent into frames; throws on what no server may send (RFC 6455 5.1, 5.2). */
export function parseFrames(bytes: Buffer): SentFrame[] {
  const frames: SentFrame[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    if ((second & 0x80) !== 0) throw new Error("a server's frame is masked");
    let length = second & 0x7f;
    at += 2;
    if (length === 126) {
      length = bytes.readUInt16BE(at);
      if (length < 126) throw new Error("a length is not minimal");
      at += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at));
      if (length < 65_536) throw new Error("a length is not minimal");
      at += 8;
    }
    if (at + length > bytes.length) throw new Error("a frame is cut");
    const payload = bytes.subarray(at, at + length);
    frames.push({ fin: (first & 0x80) !== 0, rsv: first & 0x70, opcode: first & 0x0f, payload });
    at += length;
  }
  return frames;
}

/** Frames in words: `text Hello`, `binary 00ff`, `pong …`, `close 1002`; long payloads by their length. */
export function inWords(frames: readonly SentFrame[]): string[] {
  return frames.map(({ fin, rsv, opcode, payload }) => {
    if (!fin) return "a fragment";
    const data = rsv === 0x40 ? inflated(payload) : payload;
    const mark = rsv === 0 ? "" : rsv === 0x40 ? "deflated " : "reserved ";
    const said = data.length > 200 ? `of ${data.length}` : undefined;
    switch (opcode) {
      case 1:
        return `${mark}text ${said ?? data.toString()}`;
      case 2:
        return `${mark}binary ${said ?? data.toString("hex")}`;
      case 8:
        return `${mark}close ${payload.length === 0 ? "" : payload.readUInt16BE(0)}`.trim();
      case 9:
        return `${mark}ping ${said ?? data.toString()}`.trim();
      case 10:
        return `${mark}pong ${said ?? data.toString()}`.trim();
      default:
        return `${mark}opcode ${opcode}`;
    }
  });
}
