import { describe, expect, test } from "bun:test";
import { SegmentPattern } from "./segment-pattern.ts";

describe("the expression of a parameter", () => {
  const expressions = [
    "\\d+",
    "[a-z][a-z0-9-]{1,3}",
    "(?:cat|dog)s?",
    ".+\\.png",
    "[^.]+",
    "a*b*c",
    "(a|b)*abb",
    "x{2}",
    "x{2,}",
    "x{0,2}y",
    "[-a]+",
    "[a-]+",
    "[\\d.]+",
    "\\w+%20\\w+",
    "",
    "a|",
    "[\\]]",
    "\\D\\S\\W",
  ];
  const segments = [
    ..."0 12 a ab abc a1-2 abcde cat cats dogs x.png .png a.b abb aabb babb c aabbc x xx xxx y xy xxy".split(
      " ",
    ),
    ..."-a a- 1.2 a%20b ] ab! a~~ ".split(" "),
    "",
  ];
  test.each(expressions)("%p matches what RegExp matches", (source) => {
    const pattern = new SegmentPattern(source);
    const reference = new RegExp(`^(?:${source})$`);
    for (const segment of segments) {
      expect([segment, pattern.test(segment)]).toEqual([segment, reference.test(segment)]);
    }
  });

  const refused = [
    "(",
    "a)",
    "[a",
    "*",
    "a{3,2}",
    "a{1,999}",
    "(?=a)",
    "(?<1>a)",
    "\\1",
    "\\b",
    "é",
    "a\\",
    "[b-a]",
    "^a$",
    "(((a{99}){99}){99})",
  ];
  test.each(refused)("%p is refused with a reason", (source) => {
    expect(() => new SegmentPattern(source)).toThrow(SyntaxError);
  });

  test("takes time linear in the segment where a backtracking matcher would not end", () => {
    const pattern = new SegmentPattern("(?:a+)+b|(?:a|aa)+c|a*a*a*a*a*d");
    expect(pattern.test("a".repeat(100_000))).toBe(false);
    expect(pattern.test(`${"a".repeat(100_000)}c`)).toBe(true);
  });

  test("forgets positions that a client could make without end", () => {
    // After n characters there are 2^n positions.
    const pattern = new SegmentPattern("[ab]*a[ab]{14}");
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 0x7fffffff) & 1;
    for (let i = 0; i < 200; i++) {
      const segment = Array.from({ length: 40 }, () => (random() === 1 ? "a" : "b")).join("");
      expect(pattern.test(segment)).toBe(/^[ab]*a[ab]{14}$/.test(segment));
    }
  });

  test("knows whether two can meet", () => {
    const meets = (a: string, b: string) => new SegmentPattern(a).meets(new SegmentPattern(b));
    expect(meets("\\d+", "[a-z]+")).toBe(false);
    expect(meets("\\d+", "[a-z0-9]+")).toBe(true);
    expect(meets("a+", "(aa)+")).toBe(true);
    expect(meets("\\d{4}", "\\d{5}")).toBe(false);
    expect(meets(".+\\.png", ".+\\.jpg")).toBe(false);
  });
});

test("a text may lead to more positions than are kept", () => {
  // Its automaton has 2^16 of them.
  const pattern = new SegmentPattern("[ab]*a[ab]{15}");
  let text = "";
  for (let i = 0, bits = 1; i < 10_000; i++) {
    bits = (Math.imul(bits, 1_103_515_245) + 12_345) >>> 0;
    text += (bits & 0x10000) === 0 ? "a" : "b";
  }
  for (let i = 0; i < 4; i++) {
    const asked = text.slice(0, text.length - i);
    expect(pattern.test(asked)).toBe(asked.at(-16) === "a");
  }
});
