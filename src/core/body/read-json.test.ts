import { expect, test } from "bun:test";
import { parseJson } from "./read-json.ts";

const nested = (levels: number, open: string, close: string, inner = "") =>
  open.repeat(levels) + inner + close.repeat(levels);

test("what is nested too deep for code that goes down into it is refused", () => {
  for (const [open, close, inner] of [
    ["[", "]", ""],
    ['{"a":', "}", "1"],
    ['[{"a":', "}]", "null"],
  ] as const) {
    const levels = 1000 / (open.length === 6 ? 2 : 1);
    expect(() => parseJson(nested(levels, open, close, inner))).not.toThrow();
    for (const more of [levels + 1, 50_000]) {
      expect(() => parseJson(nested(more, open, close, inner))).toThrow("1000 levels");
    }
  }
});

test("brackets in text, and beside each other, are no levels", () => {
  const values = [
    "[".repeat(5000),
    `\\"${"[{".repeat(3000)}`,
    `${"\\".repeat(3001)}"${"[".repeat(3000)}`,
    Array.from({ length: 5000 }, () => [{}]),
    { "[[": "]".repeat(3000), "{": ["\\", "[".repeat(3000)] },
  ];
  for (const value of values) expect(parseJson(JSON.stringify(value))).toEqual(value);
});
