import { describe, expect, test } from "bun:test";
import { contentRange, MAX_RANGES, parseRange } from "./range.ts";

type Row = [field: string, result: string];

function show(field: string, size: number): string {
  const result = parseRange(field, size);
  return typeof result === "string" ? result : result.map((r) => `${r.first}-${r.last}`).join(" ");
}

describe("of 10,000 bytes", () => {
  const rows: Row[] = [
    // RFC 9110 14.1.2, the examples
    ["bytes=0-499", "0-499"],
    ["bytes=500-999", "500-999"],
    ["bytes=-500", "9500-9999"],
    ["bytes=9500-", "9500-9999"],
    ["bytes=0-0,-1", "0-0 9999-9999"],
    ["bytes= 0-999, 4500-5499, -1000", "0-999 4500-5499 9000-9999"],
    ["bytes=500-600,601-999", "500-999"],
    ["bytes=500-700,601-999", "500-999"],
    // ends
    ["bytes=0-", "0-9999"],
    ["bytes=9999-9999", "9999-9999"],
    ["bytes=9999-10000", "9999-9999"],
    ["bytes=0-99999999999999999999999", "0-9999"],
    ["bytes=-99999999999999999999999", "0-9999"],
    ["BYTES=0-1", "0-1"],
    ["bytes=0-1, ,, 5-6", "0-1 5-6"],
    ["bytes=00000000000000000000001-2", "1-2"],
    // the client's order is kept, unless ranges overlap
    ["bytes=5-6,0-1", "5-6 0-1"],
    ["bytes=5-6,0-1,6-7", "0-1 5-7"],
    ["bytes=0-1,20000-", "0-1"],
    // nothing there: 416
    ["bytes=10000-", "unsatisfiable"],
    ["bytes=10000-10001,20000-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=99999999999999999999999-", "unsatisfiable"],
    // not a set this server understands: the whole
    ["bytes=", "ignore"],
    ["bytes=,", "ignore"],
    ["bytes", "ignore"],
    ["", "ignore"],
    ["bytes=abc", "ignore"],
    ["bytes=1", "ignore"],
    ["bytes=-", "ignore"],
    ["bytes=--1", "ignore"],
    ["bytes=2-1", "ignore"],
    ["bytes=9007199254740993-9007199254740992", "ignore"],
    ["bytes=0-1,2-1", "ignore"],
    ["bytes=0x0-0x1", "ignore"],
    ["bytes=1.0-2", "ignore"],
    ["bytes=+1-2", "ignore"],
    ["bytes=0 - 1", "ignore"],
    ["bytes =0-1", "ignore"],
    ["items=0-1", "ignore"],
    ["seconds=0-1", "ignore"],
    ["bytes=0-1;5-6", "ignore"],
  ];
  test.each(rows)("%p → %s", (field, result) => {
    expect(show(field, 10_000)).toBe(result);
  });

  test("more ranges than anybody needs are ignored (CVE-2011-3192)", () => {
    const set = (n: number) =>
      `bytes=${Array.from({ length: n }, (_, i) => `${i * 10}-${i * 10}`).join(",")}`;
    expect(parseRange(set(MAX_RANGES), 10_000)).toHaveLength(MAX_RANGES);
    expect(parseRange(set(MAX_RANGES + 1), 10_000)).toBe("ignore");
    expect(parseRange(`bytes=0-1${",".repeat(100_000)}`, 10_000)).toBe("ignore");
    expect(show(`bytes=${Array(MAX_RANGES).fill("0-").join(",")}`, 10_000)).toBe("0-9999");
  });
});

test("of nothing, only a suffix is not refused, and it is the whole", () => {
  expect(show("bytes=0-", 0)).toBe("unsatisfiable");
  expect(show("bytes=-1", 0)).toBe("ignore");
});

test("Content-Range names the part, or only the size", () => {
  expect(contentRange(10, { first: 2, last: 4 })).toBe("bytes 2-4/10");
  expect(contentRange(10)).toBe("bytes */10");
});
