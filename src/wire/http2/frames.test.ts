import { describe, expect, test } from "bun:test";
import { ConnectionError, ErrorCode, Flag, readUint32, unpad, writeUint32 } from "./frames.ts";

describe("unpad (RFC 9113 6.1)", () => {
  test("leaves a payload without padding alone", () => {
    const payload = new Uint8Array([9, 1, 2]);
    expect(unpad(Flag.endStream, payload)).toBe(payload);
  });

  for (const [payload, content] of [
    [
      [0, 1, 2],
      [1, 2],
    ],
    [[2, 1, 0, 0], [1]],
    [[2, 0, 0], []],
    [[0], []],
  ] as const) {
    test(`${payload.join(" ")} holds ${content.join(" ") || "nothing"}`, () => {
      expect([...unpad(Flag.padded, new Uint8Array(payload))]).toEqual([...content]);
    });
  }

  for (const payload of [[], [1], [3, 0, 0], [255]]) {
    test(`${payload.join(" ") || "nothing"} is less than its padding`, () => {
      const read = (): unknown => unpad(Flag.padded, new Uint8Array(payload));
      expect(read).toThrow(ConnectionError);
    });
  }
});

test("32-bit numbers keep their highest bit", () => {
  const bytes = new Uint8Array(6);
  for (const value of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    writeUint32(bytes, 1, value);
    expect([bytes[0], bytes[5], readUint32(bytes, 1)]).toEqual([0, 0, value]);
  }
});

test("a connection error carries its code", () => {
  expect(new ConnectionError(ErrorCode.frameSize, "x").code).toBe(6);
});
