import { expect, test } from "bun:test";
import { encodeFrame, FrameReader } from "./frames.ts";

test("messages come out whole, however they were cut", () => {
  const messages = [
    { a: 1 },
    "text",
    new Uint8Array(1000).fill(7),
    { nested: [null, { b: new Uint8Array(3) }] },
  ];
  const stream = Buffer.concat(messages.map((message) => encodeFrame(message)));
  for (const step of [1, 2, 3, 7, 100, 1009, stream.length]) {
    const reader = new FrameReader<unknown>(10_000);
    const out: unknown[] = [];
    for (let at = 0; at < stream.length; at += step)
      out.push(...reader.push(stream.subarray(at, at + step)));
    expect(out).toEqual(messages);
  }
});

test("a message that is too long is refused before it is there", () => {
  const frame = encodeFrame("x".repeat(200));
  expect(() => new FrameReader(100).push(frame.subarray(0, 4))).toThrow("too long");
});
