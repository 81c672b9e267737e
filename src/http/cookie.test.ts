import { describe, expect, test } from "bun:test";
import { parseCookies, serializeCookie } from "./cookie.ts";
import type { CookieAttributes } from "./cookie.ts";

describe("Cookie", () => {
  const rows: [string, [string, string][]][] = [
    ["a=1", [["a", "1"]]],
    [
      "a=1; b=2",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      "a=1;b=2;",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    ["a = 1 ", [["a", "1"]]],
    ["a=", [["a", ""]]],
    ["a=b=c", [["a", "b=c"]]],
    // A quote is part of the value and never reaches over a ";" (a "cookie sandwich" would).
    [
      'a="1; b=2; c=3"',
      [
        ["a", '"1'],
        ["b", "2"],
        ["c", '3"'],
      ],
    ],
    [
      "a=1; a=2",
      [
        ["a", "1"],
        ["a", "2"],
      ],
    ],
    [
      "__proto__=x; constructor=y",
      [
        ["__proto__", "x"],
        ["constructor", "y"],
      ],
    ],
    // junk
    ["", []],
    [";;; ;", []],
    ["lonely", []],
    ["=nameless", []],
    ["  =nameless; a=1", [["a", "1"]]],
    [
      "a=1; junk; b=2",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    ["a=\u00a0x", [["a", "\u00a0x"]]],
  ];
  test.each(rows)("%p", (field, pairs) => {
    expect(parseCookies(field)).toEqual(pairs);
  });
});

describe("Set-Cookie", () => {
  test("has every attribute", () => {
    const text = serializeCookie("id", "abc", {
      maxAge: 60,
      expires: new Date(Date.UTC(2030, 0, 2, 3, 4, 5)),
      domain: "example.com",
      path: "/app",
      secure: true,
      httpOnly: true,
      sameSite: "none",
      partitioned: true,
      priority: "high",
    });
    expect(text).toBe(
      "id=abc; Max-Age=60; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Domain=example.com; Path=/app; Secure; HttpOnly; SameSite=None; Partitioned; Priority=High",
    );
    expect(serializeCookie("id", "")).toBe("id=; Path=/");
    expect(serializeCookie("a", "b", { maxAge: -1, sameSite: "strict" })).toBe(
      "a=b; Max-Age=-1; Path=/; SameSite=Strict",
    );
  });

  const refused: [name: string, value: string, attributes: object, why: string][] = [
    ["", "x", {}, "token"],
    ["a b", "x", {}, "token"],
    ["a=b", "x", {}, "token"],
    ["a\r\nSet-Cookie: b", "x", {}, "token"],
    ["ä", "x", {}, "token"],
    ["a", "x; Domain=evil", {}, "value"],
    ["a", "x\r\nX: y", {}, "value"],
    ["a", "x y", {}, "value"],
    ["a", "é", {}, "value"],
    ["a", "x".repeat(4096), {}, "4096 bytes"],
    ["a", "x", { maxAge: 1.5 }, "whole number"],
    ["a", "x", { maxAge: NaN }, "whole number"],
    ["a", "x", { maxAge: "60; Secure" }, "whole number"],
    ["a", "x", { expires: new Date(NaN) }, "valid date"],
    ["a", "x", { domain: "a.example; Secure" }, "host name"],
    ["a", "x", { domain: "" }, "host name"],
    ["a", "x", { domain: "a..b" }, "host name"],
    ["a", "x", { domain: "a\n" }, "host name"],
    ["a", "x", { path: "relative" }, "path begins"],
    ["a", "x", { path: "/;HttpOnly" }, "path begins"],
    ["a", "x", { path: "/\n" }, "path begins"],
    ["a", "x", { sameSite: "none" }, "needs secure"],
    ["a", "x", { sameSite: "None; x" }, "sameSite is"],
    ["a", "x", { sameSite: "constructor" }, "sameSite is"],
    ["a", "x", { priority: "urgent" }, "priority is"],
    ["a", "x", { partitioned: true }, "needs secure"],
    ["__Secure-a", "x", {}, "needs secure"],
    ["__secure-a", "x", {}, "needs secure"],
    ["__Host-a", "x", {}, "needs secure"],
    ["__Host-a", "x", { secure: true, path: "/app" }, "__Host-"],
    ["__Host-a", "x", { secure: true, domain: "a.example" }, "__Host-"],
    ["__HOST-a", "x", { secure: true, domain: "a.example" }, "__Host-"],
    ["__Http-a", "x", { secure: true }, "httpOnly"],
    ["__Host-Http-a", "x", { secure: true }, "httpOnly"],
    ["__Host-Http-a", "x", { secure: true, httpOnly: true, path: "/a" }, "__Host-"],
  ];
  test.each(refused)("%p=%p with %p is refused", (name, value, attributes, why) => {
    expect(() => serializeCookie(name, value, attributes as CookieAttributes)).toThrow(why);
    expect(() => serializeCookie(name, value, attributes as CookieAttributes)).toThrow(TypeError);
  });

  test("keeps the promises of a prefix", () => {
    const all = { secure: true, httpOnly: true };
    for (const name of ["__Secure-a", "__Host-a", "__Http-a", "__Host-Http-a", "__hostile"]) {
      expect(serializeCookie(name, "x", all)).toStartWith(`${name}=x; Path=/; Secure`);
    }
  });
});
