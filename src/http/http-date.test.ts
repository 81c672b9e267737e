import { expect, test } from "bun:test";
import { formatHttpDate, parseHttpDate } from "./http-date.ts";

const expected = Date.UTC(1994, 10, 6, 8, 49, 37);

test("all three forms of RFC 9110 5.6.7 are read, one is written", () => {
  expect(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT")).toBe(expected);
  expect(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT")).toBe(expected);
  expect(parseHttpDate("Sun Nov  6 08:49:37 1994")).toBe(expected);
  expect(formatHttpDate(expected)).toBe("Sun, 06 Nov 1994 08:49:37 GMT");
});

test("a two-digit year more than fifty years ahead is in the past", () => {
  const now = Date.UTC(2026, 0, 1);
  expect(parseHttpDate("Friday, 01-Jan-76 00:00:00 GMT", now)).toBe(Date.UTC(2076, 0, 1));
  expect(parseHttpDate("Friday, 01-Jan-77 00:00:00 GMT", now)).toBe(Date.UTC(1977, 0, 1));
});

test.each([
  "",
  "0",
  "yesterday",
  "Sun, 06 Nov 1994 08:49:37",
  "Sun, 06 Nov 1994 08:49:37 UTC",
  "Sun, 06 Nov 1994 08:49:37 +0000",
  "Sun, 6 Nov 1994 08:49:37 GMT",
  "Sun, 31 Feb 1994 08:49:37 GMT",
  "Sun, 00 Nov 1994 08:49:37 GMT",
  "Sun, 06 Xyz 1994 08:49:37 GMT",
  "Sun, 06 Ovb 1994 08:49:37 GMT",
  "Sun, 06 Nov 1994 24:00:00 GMT",
  "Sun, 06 Nov 1994 08:60:00 GMT",
  "Sun, 06 Nov 1994 08:49:61 GMT",
  "1994-11-06T08:49:37Z",
  "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
])("%p is no HTTP-date", (text) => {
  expect(parseHttpDate(text)).toBeUndefined();
});
