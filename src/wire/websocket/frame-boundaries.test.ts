import { expect, test } from "bun:test";
import { FrameBoundaries } from "./frame-boundaries.ts";
import { encodeFrame } from "./frame-writer.ts";
import { Opcode } from "./opcode.ts";

const frames = [0, 1, 125, 126, 65_535, 65_536].flatMap((size) =>
  [false, true].map((masked) => encodeFrame(Opcode.binary, new Uint8Array(size), { masked })),
);
const ends = frames.map((_, i) =>
  frames.slice(0, i + 1).reduce((sum, { byteLength }) => sum + byteLength, 0),
);
const all = Buffer.concat(frames);

test("the end of each frame is found, however they are cut", () => {
  for (const size of [1, 2, 3, 7, 1_000, 65_540, all.length]) {
    const boundaries = new FrameBoundaries();
    for (let at = 0; at < all.length; at += size) {
      const to = Math.min(at + size, all.length);
      const last = ends.findLast((end) => end > at && end <= to);
      expect(boundaries.follow(all.subarray(at, to))).toBe(last === undefined ? -1 : last - at);
      expect(boundaries.between).toBe(ends.includes(to));
    }
    expect(boundaries.closing).toBe(false);
  }
});

test("a Close is the last", () => {
  const boundaries = new FrameBoundaries();
  boundaries.follow(encodeFrame(Opcode.close, Uint8Array.of(3, 232), { masked: true }));
  expect([boundaries.between, boundaries.closing]).toEqual([true, true]);
});
