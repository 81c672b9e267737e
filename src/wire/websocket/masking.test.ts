import { expect, test } from "bun:test";
import { seededRandom } from "../../../test/support/random.ts";
import { applyMask } from "./masking.ts";

const naive = (bytes: Uint8Array, mask: number, phase: number) =>
  bytes.map((byte, i) => byte ^ ((mask >>> (24 - 8 * ((i + phase) % 4))) & 0xff));

test("RFC 6455 5.7: the masked Hello", () => {
  const bytes = new Uint8Array([0x7f, 0x9f, 0x4d, 0x51, 0x58]);
  applyMask(bytes, 0x37fa213d);
  expect(new TextDecoder().decode(bytes)).toBe("Hello");
});

test("any offset, length and phase", () => {
  const random = seededRandom(1);
  for (let offset = 0; offset < 5; offset++) {
    for (const length of [0, 1, 3, 4, 5, 47, 48, 49, 50, 51, 52, 63, 64, 257]) {
      for (let phase = 0; phase < 5; phase++) {
        const mask = random.below(2 ** 32);
        const bytes = new Uint8Array(offset + length + 3).subarray(offset, offset + length);
        for (let i = 0; i < length; i++) bytes[i] = random.below(256);
        const expected = naive(bytes, mask, phase);
        applyMask(bytes, mask, phase);
        expect(bytes).toEqual(expected);
      }
    }
  }
});
