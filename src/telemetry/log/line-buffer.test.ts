import { expect, test } from "bun:test";
import { LineBuffer } from "./line-buffer.ts";
import { LinePart } from "./line-part.ts";

function written(write: (line: LineBuffer) => void, size = 64): string {
  const line = new LineBuffer(size);
  write(line);
  return new TextDecoder().decode(line.bytes.subarray(0, line.length));
}

test("whole numbers", () => {
  for (const value of [0, 9, 10, 99, 100, 65_535, 2 ** 31, 10 ** 10, 2 ** 52 - 1]) {
    expect(written((line) => line.integer(value))).toBe(String(value));
  }
});

test("three digits are filled up with zeros, and put over what was there", () => {
  expect(written((line) => line.threeDigits(7))).toBe("007");
  const text = written((line) => {
    line.text("a...Z");
    line.replaceDigits(1, 42);
  });
  expect(text).toBe("a042Z");
});

test("what is prepared is taken as it is, whatever its length", () => {
  const parts = ["", "a", "ab", "abc", "abcd", '"é日"\n', "x".repeat(100)];
  const text = written((line) => {
    for (const one of parts) line.part(new LinePart(one));
  });
  expect(text).toBe(parts.join(""));
});

test("what went out with the old bytes is not changed by what comes into the new ones", () => {
  const line = new LineBuffer(16);
  line.text("first");
  const first = line.bytes;
  line.bytes = new Uint8Array(16);
  line.length = 0;
  line.part(new LinePart("second"));
  expect(new TextDecoder().decode(first.subarray(0, 5))).toBe("first");
  expect(new TextDecoder().decode(line.bytes.subarray(0, line.length))).toBe("second");
});

test("what is not safe is escaped as a whole, what came before stays", () => {
  const escape = (text: string) => `<${text.length}>`;
  const line = (text: string) =>
    written((buffer) => {
      buffer.text("before ");
      buffer.escaped(text, escape);
    });
  expect(line("a~ !#[]")).toBe("before a~ !#[]");
  for (const text of ['a"', "a\\", "a\n", "a\x7f", "aé", "a日"]) {
    expect(line(text)).toBe("before <2>");
  }
});

test("grows for every kind of part", () => {
  const part = new LinePart("0123456789");
  const text = written((line) => {
    line.byte(0x61);
    line.byte(0x62);
    line.part(part);
    line.escaped("x".repeat(100), String);
    line.text("日".repeat(100));
    for (let i = 0; i < 100; i++) line.integer(123);
    line.part(new LinePart("y".repeat(1000)));
    line.copied(new TextEncoder().encode("z".repeat(1000)));
  }, 1);
  const whole = ["ab0123456789", "x".repeat(100), "日".repeat(100), "123".repeat(100)];
  expect(text).toBe(whole.join("") + "y".repeat(1000) + "z".repeat(1000));
});
