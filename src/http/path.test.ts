import { describe, expect, test } from "bun:test";
import { canonicalPath, decodeSegment, defaultPathRules } from "./path.ts";
import type { PathRules } from "./path.ts";

function show(raw: string, rules: Partial<PathRules> = {}): string {
  const result = canonicalPath(raw, { ...defaultPathRules, ...rules });
  return result.ok ? result.path : result.problem;
}

describe("the canonical path", () => {
  test.each([
    // as it is
    ["/", "/"],
    ["/a", "/a"],
    ["/a/", "/a/"],
    ["/a.b/c-d_e~f", "/a.b/c-d_e~f"],
    ["/!$&'()*+,;=:@", "/!$&'()*+,;=:@"],
    // one spelling of escapes
    ["/%41%62%2D%2E%5f%7E", "/Ab-._~"],
    ["/%c3%a9", "/%C3%A9"],
    ["/\u00c3\u00a9", "/%C3%A9"],
    ["/%c3\u00a9", "/%C3%A9"],
    ["/%20", "/%20"],
    ["/%3f%23%25", "/%3F%23%25"],
    ['/"<>^`{|}', "/%22%3C%3E%5E%60%7B%7C%7D"],
    ["/[a]", "/%5Ba%5D"],
    ["/%252e%252e/", "/%252e%252e/"],
    ["/%40", "/%40"],
    // dot segments (RFC 3986 5.2.4), in any spelling
    ["/.", "/"],
    ["/./", "/"],
    ["/a/.", "/a/"],
    ["/a/./b", "/a/b"],
    ["/a/..", "/"],
    ["/a/../", "/"],
    ["/a/b/..", "/a/"],
    ["/a/b/../c", "/a/c"],
    ["/a/%2e%2E/b", "/b"],
    ["/a/.%2e/b", "/b"],
    ["/a/%2e/b", "/a/b"],
    ["/a/b/c/./../../g", "/a/g"],
    ["/...", "/..."],
    ["/..a/.b/a..", "/..a/.b/a.."],
    // repeated slashes
    ["//", "/"],
    ["//a///b//", "/a/b/"],
    ["/a//../b", "/b"],
  ])("%p is %p", (raw, path) => {
    expect(show(raw)).toBe(path);
  });

  test.each([
    ["", "not_absolute"],
    ["a", "not_absolute"],
    ["*", "not_absolute"],
    ["http://h/", "not_absolute"],
    ["/%", "bad_escape"],
    ["/%4", "bad_escape"],
    ["/%zz", "bad_escape"],
    ["/%%41", "bad_escape"],
    ["/%u0041", "bad_escape"],
    ["/ a", "bad_character"],
    ["/a\tb", "bad_character"],
    ["/a\r\nb", "bad_character"],
    ["/a\u007f", "bad_character"],
    ["/a#b", "bad_character"],
    ["/\u0100", "bad_character"],
    ["/a%2Fb", "encoded_slash"],
    ["/a%2fb", "encoded_slash"],
    ["/a\\b", "backslash"],
    ["/a%5Cb", "backslash"],
    ["/a%5cb", "backslash"],
    ["/a%00", "nul"],
    ["/a\0", "nul"],
    ["/%ff", "invalid_utf8"],
    ["/%c3", "invalid_utf8"],
    ["/\u00ff", "invalid_utf8"],
    // an overlong "/" and ".", and a surrogate
    ["/%c0%af", "invalid_utf8"],
    ["/%e0%80%af", "invalid_utf8"],
    ["/%c0%ae%c0%ae/", "invalid_utf8"],
    ["/%ed%a0%80", "invalid_utf8"],
    ["/..", "above_root"],
    ["/../", "above_root"],
    ["/a/../..", "above_root"],
    ["/%2e%2e/a", "above_root"],
    ["//../a", "above_root"],
  ])("%p is refused: %s", (raw, problem) => {
    expect(show(raw)).toBe(problem);
  });

  test.each<[string, Partial<PathRules>, string]>([
    ["//a//b", { slashes: "keep" }, "//a//b"],
    ["/a//../b", { slashes: "keep" }, "/a/b"],
    ["/a%2fb", { encodedSlash: "keep" }, "/a%2Fb"],
    ["/..%2f..", { encodedSlash: "keep" }, "/..%2F.."],
    ["/a\\b", { backslash: "keep" }, "/a%5Cb"],
    ["/a%5cb", { backslash: "keep" }, "/a%5Cb"],
    ["/a/..\\b", { backslash: "keep" }, "/a/..%5Cb"],
    ["/a%00", { encodedSlash: "keep", backslash: "keep", slashes: "keep" }, "nul"],
  ])("%p by the rules %p is %p", (raw, rules, path) => {
    expect(show(raw, rules)).toBe(path);
  });

  test("is its own canonical form, whatever came in", () => {
    const alphabet = [
      "/",
      ".",
      "..",
      "a",
      "%2e",
      "%2E",
      "%41",
      "%c3%a9",
      "\u00c3\u00a9",
      "%25",
      "%20",
      "//",
      "@",
      "{",
    ];
    let state = 7;
    const random = (n: number) => (state = (state * 48271) % 0x7fffffff) % n;
    for (let i = 0; i < 20_000; i++) {
      let raw = "/";
      for (let n = random(9); n > 0; n--) raw += alphabet[random(alphabet.length)];
      for (const slashes of ["merge", "keep"] as const) {
        const rules = { ...defaultPathRules, slashes };
        const once = canonicalPath(raw, rules);
        if (!once.ok) continue;
        expect(canonicalPath(once.path, rules)).toEqual(once);
        expect(once.path.split("/").some((part) => part === "." || part === "..")).toBe(false);
      }
    }
  });

  test("a segment is decoded once", () => {
    expect(decodeSegment("a%20b%C3%A9%252e")).toBe("a bé%2e");
  });

  test("a long path takes linear time", () => {
    const raw = `/${"a/".repeat(20_000)}${"../".repeat(20_000)}`;
    expect(show(raw)).toBe("/");
    expect(show(`/${"a".repeat(100_000)}%`)).toBe("bad_escape");
  });
});
