import { expect, test } from "bun:test";
import { essenceOf, isCompressible, typeOfFile, withCharset } from "./media-type.ts";

test.each([
  ["a.html", "text/html"],
  ["dir.d/a.HTML", "text/html"],
  ["a.tar.gz", "application/gzip"],
  ["a.mjs", "text/javascript"],
  ["a.woff2", "font/woff2"],
  ["dir.html/noext", undefined],
  ["noext", undefined],
  ["a.", undefined],
  ["a.constructor", undefined],
  ["a.__proto__", undefined],
])("%s is %p", (name, type) => {
  expect(typeOfFile(name)).toBe(type);
});

test("overrides win, and only their own keys count", () => {
  expect(typeOfFile("a.html", { html: "text/plain" })).toBe("text/plain");
  expect(typeOfFile("a.toString", {})).toBeUndefined();
});

test("text gets a charset once, JSON never", () => {
  expect(withCharset("text/css", "utf-8")).toBe("text/css; charset=utf-8");
  expect(withCharset("text/css; charset=x", "utf-8")).toBe("text/css; charset=x");
  expect(withCharset("application/json", "utf-8")).toBe("application/json");
  expect(withCharset("text/css", "")).toBe("text/css");
  expect(essenceOf("Text/CSS ; charset=x")).toBe("text/css");
});

test("what is compressed already, and event streams, are not compressed", () => {
  const yes = [
    "text/html; charset=utf-8",
    "application/json",
    "image/svg+xml",
    "application/wasm",
    "font/ttf",
  ];
  const no = [
    "image/png",
    "video/mp4",
    "application/zip",
    "font/woff2",
    "text/event-stream",
    "application/octet-stream",
  ];
  expect(yes.filter((type) => !isCompressible(type))).toEqual([]);
  expect(no.filter(isCompressible)).toEqual([]);
});
