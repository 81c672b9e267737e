import { describe, expect, test } from "bun:test";
import { seededRandom } from "../../../test/support/random.ts";
import { decodeUtf8, Utf8Stream } from "./utf8-stream.ts";

function valid(pieces: readonly Uint8Array[]): boolean {
  const stream = new Utf8Stream();
  return pieces.every((piece) => stream.push(piece));
}

test("every split of every length of character", () => {
  const text = "aé€𝄞\u{10ffff}\ud7ff\ue000\ufeff\0\u007f\u0080\u07ff\u0800\uffff\u{10000}z";
  const bytes = new TextEncoder().encode(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    for (let second = cut; second <= bytes.length; second++) {
      const pieces = [bytes.subarray(0, cut), bytes.subarray(cut, second), bytes.subarray(second)];
      expect(valid(pieces)).toBe(true);
    }
  }
});

describe("is refused at its first wrong byte", () => {
  // The position of the byte that must be refused when they come one by one.
  const wrong: [string, number[], number][] = [
    ["a lone continuation", [0x61, 0x80], 1],
    ["C0: overlong", [0xc0, 0x80], 0],
    ["C1: overlong", [0xc1, 0xbf], 0],
    ["E0 80: overlong", [0xe0, 0x80, 0x80], 1],
    ["ED A0: a surrogate", [0xed, 0xa0, 0x80], 1],
    ["F0 80: overlong", [0xf0, 0x80, 0x80, 0x80], 1],
    ["F4 90: above U+10FFFF", [0xf4, 0x90, 0x80, 0x80], 1],
    ["F5", [0xf5, 0x80, 0x80, 0x80], 0],
    ["FF", [0xff], 0],
    ["a character broken off by another", [0xe2, 0x82, 0x61], 2],
    ["a character broken off by a start", [0xc3, 0xc3], 1],
  ];
  for (const [name, bytes, at] of wrong) {
    test(name, () => {
      const stream = new Utf8Stream();
      let refused = -1;
      for (let i = 0; i < bytes.length && refused < 0; i++) {
        if (stream.push(new Uint8Array([bytes[i] as number])) === false) refused = i;
      }
      expect(refused).toBe(at);
      // Early in a longer piece too, whatever follows is not waited for.
      const piece = new Uint8Array([0x61, 0x62, ...bytes.slice(0, at + 1)]);
      expect(new Utf8Stream().push(piece)).toBe(false);
    });
  }
});

/** What can complete a character that was begun, whichever it is. */
const ENDS = [0x80, 0x90, 0xa0]
  .flatMap((first) => [[first], [first, 0x80], [first, 0x80, 0x80]])
  .concat([[]]);

test("agrees with the platform on 20,000 random strings in random pieces", () => {
  const random = seededRandom(7);
  const bytesToPick = [
    0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xe2,
  ];
  bytesToPick.push(0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff);
  for (let round = 0; round < 20_000; round++) {
    const bytes = new Uint8Array(random.below(9));
    for (let i = 0; i < bytes.length; i++) bytes[i] = random.pick(bytesToPick);
    const cut = random.below(bytes.length + 1);
    const seen = valid([bytes.subarray(0, cut), bytes.subarray(cut)]);
    const possible = ENDS.some(
      (end) => decodeUtf8(Uint8Array.from([...bytes, ...end])) !== undefined,
    );
    if (seen !== possible) expect({ bytes, cut, seen }).toBeUndefined();
  }
});
