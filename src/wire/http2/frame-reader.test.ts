import { describe, expect, test } from "bun:test";
import { FrameReader } from "./frame-reader.ts";
import { ConnectionError, MAX_FRAME_BYTES } from "./frames.ts";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

type Seen = [type: number, flags: number, stream: number, payload: string];

function read(...chunks: readonly Uint8Array[]): Seen[] {
  const reader = new FrameReader();
  const seen: Seen[] = [];
  for (const chunk of chunks) {
    reader.read(chunk, (type, flags, stream, payload) => {
      seen.push([type, flags, stream, Buffer.from(payload).toString()]);
    });
  }
  return seen;
}

const bytes = Buffer.concat([
  PREFACE,
  frame(4, 0, 0, Buffer.alloc(0)),
  frame(0, 1, 3, Buffer.from("hello")),
  frame(0xee, 0xff, 0x7fff_ffff, Buffer.from("?")),
]);
const expected: Seen[] = [
  [4, 0, 0, ""],
  [0, 1, 3, "hello"],
  [0xee, 0xff, 0x7fff_ffff, "?"],
];

test("frames come whole, in whatever pieces their bytes come", () => {
  expect(read(bytes)).toEqual(expected);
  expect(read(...Array.from(bytes, (byte) => new Uint8Array([byte])))).toEqual(expected);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(expected);
  }
});

test("the reserved bit of a stream's number is ignored (RFC 9113 4.1)", () => {
  expect(read(PREFACE, frame(0, 0, 0x8000_0005, Buffer.alloc(0)))).toEqual([[0, 0, 5, ""]]);
});

test("payloads stay what they were when more is read", () => {
  const payloads: Uint8Array[] = [];
  const reader = new FrameReader();
  const keep = (_type: number, _flags: number, _stream: number, payload: Uint8Array): void => {
    payloads.push(payload);
  };
  const half = bytes.length - 14;
  reader.read(new Uint8Array(bytes.subarray(0, half)), keep);
  reader.read(new Uint8Array(bytes.subarray(half)), keep);
  reader.read(new Uint8Array(frame(0, 0, 1, Buffer.alloc(500, 0x78))), keep);
  expect(payloads.slice(0, 3).map((one) => Buffer.from(one).toString())).toEqual([
    "",
    "hello",
    "?",
  ]);
});

test("the largest frame goes; one byte more is an error as soon as its head is there", () => {
  expect(read(PREFACE, frame(0, 0, 1, Buffer.alloc(MAX_FRAME_BYTES)))).toHaveLength(1);
  const tooLarge = frame(0, 0, 1, Buffer.alloc(MAX_FRAME_BYTES + 1)).subarray(0, 9);
  expect(() => read(PREFACE, tooLarge)).toThrow(ConnectionError);
});

describe("another preface is an error at its first wrong byte", () => {
  for (const cut of [0, 1, 15, PREFACE.length - 1]) {
    test(`byte ${cut}`, () => {
      const wrong = Buffer.from(PREFACE.subarray(0, cut + 1));
      wrong[cut] = 0x21;
      expect(() => read(wrong)).toThrow(ConnectionError);
      expect(read(PREFACE.subarray(0, cut))).toEqual([]);
    });
  }
});
