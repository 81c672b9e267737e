import { expect, test } from "bun:test";
import { parseCookies } from "./cookie.ts";
import { parsePartHead } from "./multipart-head.ts";
import { parseRange } from "./range.ts";
import { safeFilename } from "./safe-filename.ts";
import { trimOws } from "./trim-ows.ts";

test("takes spaces and tabs off both ends, and nothing else", () => {
  const cases: [string, string][] = [
    ["", ""],
    [" \t ", ""],
    ["a", "a"],
    [" a \t b\t", "a \t b"],
    ["\u00a0a\n", "\u00a0a\n"],
  ];
  for (const [text, expected] of cases) expect(trimOws(text)).toBe(expected);
});

/** What took a time that grows with the square of this would not be done before the test's time is up. */
const GAP = " ".repeat(150_000);

test("white space within stalls no reader of cookies, ranges, parts and file names", () => {
  expect(parseCookies(`a=b${GAP}c`)).toEqual([["a", `b${GAP}c`]]);
  expect(parseRange(`bytes=0${GAP}-1`, 10)).toBe("ignore");
  const head = `Content-Disposition: form-data; name="a"\r\nX-Gap: a${GAP}b\r\n`;
  const { headers } = parsePartHead(new TextEncoder().encode(head), 1024);
  expect(headers.get("x-gap") === `a${GAP}b`).toBe(true);
  expect(safeFilename(`a${GAP}b. .`)).toBe("a");
});
