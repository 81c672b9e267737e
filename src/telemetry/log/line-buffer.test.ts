import { expect, test } from "bun:test";
import { LineBuffer } from "./line-buffer.ts";

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

test("digits are filled up with zeros and cut in front", () => {
  expect(written((line) => line.digits(7, 3))).toBe("007");
  expect(written((line) => line.digits(12_345, 3))).toBe("345");
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
  const part = new TextEncoder().encode("0123456789");
  const text = written((line) => {
    line.byte(0x61);
    line.byte(0x62);
    line.constant(part);
    line.escaped("x".repeat(100), String);
    line.text("日".repeat(100));
    for (let i = 0; i < 100; i++) line.integer(123);
    line.constant(new TextEncoder().encode("y".repeat(1000)));
  }, 1);
  const whole = ["ab0123456789", "x".repeat(100), "日".repeat(100), "123".repeat(100)];
  expect(text).toBe(whole.join("") + "y".repeat(1000));
});
