import { describe, expect, test } from "bun:test";
import { CookieKeys } from "./cookie-keys.ts";
import { decodeCursor, encodeCursor, signCursor, verifyCursor } from "./pagination-cursor.ts";
import { cursorLinks, pageLinks, pageOf } from "./pagination.ts";
import { parseQuery } from "./query.ts";
import { RequestProblem } from "./request-problem.ts";

describe("pages", () => {
  test.each<[string, [number, number, number]]>([
    ["", [1, 20, 0]],
    ["page=3", [3, 20, 40]],
    ["page=3&size=50", [3, 50, 100]],
    ["size=100", [1, 100, 0]],
  ])("%p", (query, expected) => {
    const { page, size, offset } = pageOf(parseQuery(query));
    expect([page, size, offset]).toEqual(expected);
  });

  test.each([
    "page=0",
    "page=-1",
    "page=1.5",
    "page=1e3",
    "page=x",
    "page=",
    "page=01",
    "size=101",
  ])("%p is refused", (query) => {
    expect(() => pageOf(parseQuery(query))).toThrow(RequestProblem);
    expect(() => pageOf(parseQuery(`${query}&a=1`))).toThrow("whole number from 1 to");
  });
  test("a page nobody reads to, and two pages at once", () => {
    expect(() => pageOf(parseQuery("page=10001"))).toThrow("1 to 10000");
    expect(() => pageOf(parseQuery("page=99999999999999999999"))).toThrow("1 to 10000");
    expect(() => pageOf(parseQuery("page=1&page=2"))).toThrow(RequestProblem);
    expect(pageOf(parseQuery("page=30&size=7"), { size: 5, maxSize: 7, maxPage: 30 }).offset).toBe(
      203,
    );
  });

  const at = (page: number) => ({ page, size: 10, offset: 0 });
  test("links keep the rest of the query", () => {
    const of = (page: number) => `</a?q=x%20y&page=${page}&size=10>`;
    expect(pageLinks("/a?page=2&q=x%20y&size=3", at(2), 25)).toBe(
      `${of(1)}; rel="first", ${of(1)}; rel="prev", ${of(3)}; rel="next", ${of(3)}; rel="last"`,
    );
    expect(pageLinks("/a", at(1), 0)).toBe(
      '</a?page=1&size=10>; rel="first", </a?page=1&size=10>; rel="last"',
    );
    expect(pageLinks("/a", at(9), 25)).toContain('</a?page=3&size=10>; rel="prev"');
    expect(pageLinks("/a", at(9), 25)).not.toContain("next");
    expect(pageLinks("/a", at(1), true)).toContain('page=2&size=10>; rel="next"');
    expect(pageLinks("/a", at(1), false)).not.toContain("next");
  });
});

describe("cursors", () => {
  test("give their values back, and are opaque", () => {
    const values = ["2026-11-21T00:00:00Z", 42, true, null, "ü"];
    const cursor = encodeCursor(values);
    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeCursor(cursor)).toEqual(values);
    expect(decodeCursor(encodeCursor(["a", 1]), ["string", "number"])).toEqual(["a", 1]);
  });

  const json = (text: string) => Buffer.from(text).toString("base64url");
  test.each(["", "!", "abc", json("{}"), json("1"), json("[{}]"), json('["'), "A".repeat(3000)])(
    "%p is refused",
    (text) => {
      expect(() => decodeCursor(text)).toThrow(RequestProblem);
    },
  );

  test("of another shape are refused", () => {
    expect(() => decodeCursor(encodeCursor(["a"]), ["number"])).toThrow(RequestProblem);
    expect(() => decodeCursor(encodeCursor([1, 2]), ["number"])).toThrow(RequestProblem);
    expect(() => decodeCursor(encodeCursor([]), ["number"])).toThrow(RequestProblem);
  });

  test("that are signed are made by nobody else", async () => {
    const keys = new CookieKeys(["k".repeat(32)]);
    const cursor = await signCursor(keys, [1, "a"]);
    expect(await verifyCursor(keys, cursor)).toEqual([1, "a"]);
    const forged = encodeCursor([2, "a"]) + cursor.slice(cursor.indexOf("."));
    for (const bad of [forged, encodeCursor([1]), await keys.sign("cursor", encodeCursor([1]))]) {
      await expect(verifyCursor(keys, bad)).rejects.toThrow(RequestProblem);
    }
  });

  test("links keep the rest of the query", () => {
    expect(cursorLinks("/a?cursor=x&size=5", { next: "n", prev: "p" })).toBe(
      '</a?size=5&cursor=p>; rel="prev", </a?size=5&cursor=n>; rel="next"',
    );
    expect(cursorLinks("/a", { next: null })).toBe("");
  });
});
