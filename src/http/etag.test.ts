import { expect, test } from "bun:test";
import { isEtag, listMatches, strongMatch, weakMatch } from "./etag.ts";

test.each([
  // RFC 9110 8.8.3.2, table 3
  ['W/"1"', 'W/"1"', false, true],
  ['W/"1"', 'W/"2"', false, false],
  ['W/"1"', '"1"', false, true],
  ['"1"', '"1"', true, true],
])("%s and %s: strong %p, weak %p", (a, b, strong, weak) => {
  expect(strongMatch(a, b)).toBe(strong);
  expect(weakMatch(a, b)).toBe(weak);
});

test.each([
  ["*", true],
  [" * ", true],
  ['"a"', true],
  ['"b", "a"', true],
  ['"b","a"', true],
  [',, "b" , ,"a" ,', true],
  ['W/"a"', true],
  ['"x,y", "a"', true],
  ['"a,"', false],
  ['"b"', false],
  ["a", false],
  ['"b" "a"', false],
  ['"A"', false],
  ['w/"a"', false],
  ["", false],
  ['"a', false],
])('the list %p matches the tag "a" weakly: %p', (list, matches) => {
  expect(listMatches(list, '"a"', weakMatch)).toBe(matches);
});

test("an entity tag has quotes, and W/ in upper case", () => {
  expect(['""', '"a"', 'W/"a"', '"a,b"'].every(isEtag)).toBe(true);
  expect(["a", "'a'", 'w/"a"', '"a""', '"a\u0001"', '"a" ', 'W/"a b"'].some(isEtag)).toBe(false);
});

test("a long hostile list takes linear time", () => {
  expect(listMatches('"x",'.repeat(8000), '"a"', weakMatch)).toBe(false);
  expect(listMatches(" ".repeat(30_000), '"a"', weakMatch)).toBe(false);
});
