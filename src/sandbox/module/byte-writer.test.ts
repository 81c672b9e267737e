import { expect, test } from "bun:test";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

test("it grows as it must", () => {
  const writer = new ByteWriter(1);
  for (let i = 0; i < 1000; i++) writer.byte(i & 255);
  const bytes = writer.finish();
  expect(bytes.length).toBe(1000);
  expect(bytes.every((byte, i) => byte === (i & 255))).toBe(true);
});

test("signed integers are the shortest that hold them", () => {
  const encode = (value: number): number[] => {
    const writer = new ByteWriter();
    writer.s32(value);
    return [...writer.finish()];
  };
  expect(encode(63)).toEqual([0x3f]);
  expect(encode(64)).toEqual([0xc0, 0x00]);
  expect(encode(-64)).toEqual([0x40]);
  expect(encode(-65)).toEqual([0xbf, 0x7f]);
  expect(encode(-2_147_483_648)).toEqual([0x80, 0x80, 0x80, 0x80, 0x78]);
  expect(encode(2_147_483_647)).toEqual([0xff, 0xff, 0xff, 0xff, 0x07]);
});

test("short and long pieces are copied alike", () => {
  const source = Uint8Array.from({ length: 500 }, (_, i) => i & 255);
  for (const [from, to] of [
    [3, 3],
    [10, 30],
    [7, 499],
  ] as const) {
    const writer = new ByteWriter();
    writer.byte(9);
    writer.copy(source, from, to);
    expect([...writer.finish()]).toEqual([9, ...source.subarray(from, to)]);
  }
});

test("a section has the length of what was put into it", () => {
  const writer = new ByteWriter();
  writer.section(7, () => {
    writer.name("é");
    for (let i = 0; i < 300; i++) writer.byte(1);
  });
  const reader = new ByteReader(writer.finish());
  expect(reader.byte()).toBe(7);
  const contents = reader.range(reader.u32());
  expect(reader.done).toBe(true);
  expect(contents.name()).toBe("é");
  expect(contents.end - contents.at).toBe(300);
});
