import { describe, expect, test } from "bun:test";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { InvalidModule } from "./invalid-module.ts";

const reader = (...bytes: number[]): ByteReader => new ByteReader(new Uint8Array(bytes));

describe("integers", () => {
  test.each([
    [[0x00], 0],
    [[0x7f], 127],
    [[0x80, 0x01], 128],
    [[0xe5, 0x8e, 0x26], 624_485],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffff_ffff],
    [[0x80, 0x80, 0x80, 0x80, 0x00], 0],
    [[0x83, 0x80, 0x00], 3],
  ])("%j is %d", (bytes, value) => {
    const read = reader(...bytes);
    expect(read.u32()).toBe(value);
    expect(read.done).toBe(true);
  });

  test.each([[[0xff, 0xff, 0xff, 0xff, 0x1f]], [[0x80, 0x80, 0x80, 0x80, 0x80, 0x00]]])(
    "%j is more than 32 bits",
    (bytes) => {
      expect(() => reader(...bytes).u32()).toThrow(/more than 32 bits/);
    },
  );

  test("what is written is what is read", () => {
    for (const value of [0, 1, 127, 128, 16_383, 16_384, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      const writer = new ByteWriter();
      writer.u32(value);
      writer.s32(value);
      const read = new ByteReader(writer.finish());
      expect(read.u32()).toBe(value);
      read.skipSigned(32);
      expect(read.done).toBe(true);
    }
  });

  test("a signed integer is passed over, at most as long as its bits allow", () => {
    const read = reader(0xc0, 0xbb, 0x78, 0x80, 0x80, 0x80, 0x80, 0x78, 7);
    read.skipSigned(32);
    read.skipSigned(32);
    expect(read.byte()).toBe(7);
    expect(() => reader(0x80, 0x80, 0x80, 0x80, 0x80, 0x00).skipSigned(32)).toThrow(InvalidModule);
    const long = reader(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f);
    long.skipSigned(64);
    expect(long.done).toBe(true);
  });
});

describe("ends", () => {
  test.each([
    ["byte", (read: ByteReader) => read.byte()],
    ["u32", (read: ByteReader) => read.u32()],
    ["signed", (read: ByteReader) => read.skipSigned(64)],
    ["name", (read: ByteReader) => read.name()],
    ["skip", (read: ByteReader) => read.skip(1)],
    ["range", (read: ByteReader) => read.range(4_294_967_295)],
  ])("%s does not read over the end", (_name, act) => {
    const bytes = new Uint8Array([0x80, 0x01, 0x01]);
    expect(() => act(new ByteReader(bytes, 1, 1))).toThrow("ends in the middle (at byte 1)");
  });

  test("a range is read apart from what follows it", () => {
    const read = reader(1, 2, 3, 4);
    const range = read.range(2);
    expect([range.byte(), range.byte(), range.done, read.byte()]).toEqual([1, 2, true, 3]);
    expect(() => range.byte()).toThrow(InvalidModule);
  });
});

test("names are UTF-8", () => {
  expect(reader(3, 0xe2, 0x82, 0xac).name()).toBe("€");
  expect(() => reader(2, 0xc3, 0x28).name()).toThrow("holds a name that is not UTF-8 (at byte 1)");
});

test("a count is held to its limit", () => {
  expect(reader(5).count(5, "tables")).toBe(5);
  expect(() => reader(6).count(5, "tables")).toThrow("has 6 tables, and 5 are allowed (at byte 0)");
});
