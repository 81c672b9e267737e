import { expect, test } from "bun:test";
import { compileCacheControl } from "./cache-control-rules.ts";
import { compileGlob } from "./glob.ts";

test.each([
  ["*.css", "a.css", true],
  ["*.css", "deep/down/a.css", true],
  ["*.css", "a.css.map", false],
  ["/*.css", "a.css", true],
  ["/*.css", "deep/a.css", false],
  ["assets/*", "assets/a.js", true],
  ["assets/*", "assets/b/a.js", false],
  ["assets/**", "assets/b/a.js", true],
  ["assets/**", "other/a.js", false],
  ["**/*.js", "a.js", true],
  ["**/*.js", "x/y/a.js", true],
  ["a/**/b", "a/b", true],
  ["a/**/b", "a/x/y/b", true],
  ["a/**/b", "axb", false],
  ["*.{js,css}", "x.css", true],
  ["*.{js,css}", "x.png", false],
  ["a?c", "abc", true],
  ["a?c", "a/c", false],
  ["[a-c].txt", "b.txt", true],
  ["[!a-c].txt", "b.txt", false],
  ["[!a-c].txt", "z.txt", true],
  ["a.b", "axb", false],
  ["a+(b)|c", "a+(b)|c", true],
  ["*", "日本語.txt", true],
  ["?.txt", "🎉.txt", true],
  ["x,y", "x,y", true],
  ["}", "}", true],
])("%p against %p: %p", (pattern, path, matches) => {
  expect(compileGlob(pattern)(path)).toBe(matches);
});

test.each(["[a", "{a,b"])("%p is refused with its reason", (pattern) => {
  expect(() => compileGlob(pattern)).toThrow(/never closed/);
});

test("the first Cache-Control rule that matches decides; bad values are refused", () => {
  const rule = compileCacheControl([
    { files: "a/**", value: "no-store" },
    { files: "*.js", value: "no-cache" },
  ]);
  expect([rule("a/x.js"), rule("b/x.js"), rule("b/x.css")]).toEqual([
    "no-store",
    "no-cache",
    undefined,
  ]);
  expect(() => compileCacheControl([{ files: "*", value: "a\r\nb" }])).toThrow(/Cache-Control/);
});
