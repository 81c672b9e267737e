import { describe, expect, test } from "bun:test";
import { defaultFieldLimits, parseUrlEncoded } from "./form-urlencoded.ts";
import { RequestProblem } from "./request-problem.ts";

type Row = [text: string, pairs: [string, string][]];

const rows: Row[] = [
  ["", []],
  ["a=1", [["a", "1"]]],
  ["a", [["a", ""]]],
  ["a=", [["a", ""]]],
  ["=1", [["", "1"]]],
  ["=", [["", ""]]],
  ["&&a=1&", [["a", "1"]]],
  ["a=b=c", [["a", "b=c"]]],
  [
    "a=1&a=2",
    [
      ["a", "1"],
      ["a", "2"],
    ],
  ],
  ["a+b=c+d", [["a b", "c d"]]],
  ["a=%2B%26%3D+", [["a", "+&= "]]],
  [
    "a=%c3%BC&%E2%82%AC=x",
    [
      ["a", "ü"],
      ["€", "x"],
    ],
  ],
  ["a=\xc3\xbc", [["a", "ü"]]],
  // no escapes: they stand for themselves
  ["a=100%", [["a", "100%"]]],
  ["a=%zz%4", [["a", "%zz%4"]]],
  ["a=%%41", [["a", "%A"]]],
  ["a=%0g", [["a", "%0g"]]],
  ["a=%00", [["a", "\0"]]],
  ["a=%EF%BB%BFx", [["a", "\ufeffx"]]],
  ["a;b=1", [["a;b", "1"]]],
];

test.each(rows)("%p", (text, pairs) => {
  expect(parseUrlEncoded(text)).toEqual(pairs);
});

test("agrees with the platform on anything that is UTF-8", () => {
  const alphabet = ["x", "=", "&", "+", "%", "%41", "%c3%bc", "%E2%82%AC", "2", "y", "%2", ";"];
  let seed = 7;
  for (let round = 0; round < 3000; round++) {
    let text = "";
    for (let i = 0; i < 12; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      text += alphabet[(seed >>> 16) % alphabet.length];
    }
    expect(parseUrlEncoded(text)).toEqual([...new URLSearchParams(text)]);
  }
});

function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestProblem) return `${error.status} ${error.code}`;
    throw error;
  }
  return "none";
}

describe("refused", () => {
  test.each(["a=%ff", "%ff=a", "a=%c3", "a=\xff", "a=%ed%a0%80", "a=%c0%af", "x=1&a=%f5%80%80%80"])(
    "%p is not UTF-8",
    (text) => {
      expect(problemOf(() => parseUrlEncoded(text))).toBe("400 field_not_utf8");
    },
  );

  test("what is over a limit, and nothing under it", () => {
    const limits = { fields: 3, nameBytes: 4, valueBytes: 6 };
    const of = (text: string) => problemOf(() => parseUrlEncoded(text, limits));
    expect(of("a&b&c")).toBe("none");
    expect(of("a&b&c&")).toBe("none");
    expect(of("a&b&c&d")).toBe("413 too_many_fields");
    expect(of("abcd=123456")).toBe("none");
    expect(of("abcde=1")).toBe("413 field_name_too_long");
    expect(of("a=1234567")).toBe("413 field_value_too_long");
    expect(of("a=%31%32%33%34%35%36")).toBe("none");
    expect(of("a=%31%32%33%34%35%36%37")).toBe("413 field_value_too_long");
    expect(of("%c3%bc%c3%bc=1")).toBe("none");
    expect(of("%c3%bc%c3%bcx=1")).toBe("413 field_name_too_long");
  });

  test("a bomb of separators is no work, and one of fields is cut short", () => {
    expect(parseUrlEncoded("&".repeat(1_000_000))).toEqual([]);
    expect(problemOf(() => parseUrlEncoded("a&".repeat(defaultFieldLimits.fields + 1)))).toBe(
      "413 too_many_fields",
    );
  });
});
