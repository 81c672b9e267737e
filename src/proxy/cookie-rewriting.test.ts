import { describe, expect, test } from "bun:test";
import { cookieRewriter } from "./cookie-rewriting.ts";

const rewrite = (rules: Parameters<typeof cookieRewriter>[0], cookie: string) =>
  cookieRewriter(rules)?.(cookie);

test("without rules there is nothing to do", () => {
  expect(cookieRewriter({})).toBeUndefined();
  expect(cookieRewriter({ domain: {}, path: {} })).toBeUndefined();
});

describe("a domain", () => {
  const domain = { "app.internal": "example.com", ".old.internal": "" };
  test("is replaced whatever its case and with or without its dot", () => {
    expect(rewrite({ domain }, "a=1; Domain=app.internal; Secure")).toBe(
      "a=1; Domain=example.com; Secure",
    );
    expect(rewrite({ domain }, "a=1;domain=.APP.Internal;Path=/")).toBe(
      "a=1; domain=example.com;Path=/",
    );
  });
  test("is taken away by an empty one, and others stay as they are", () => {
    expect(rewrite({ domain }, "a=1; Domain=old.internal; HttpOnly")).toBe("a=1; HttpOnly");
    expect(rewrite({ domain }, "a=Domain=app.internal; Domain=x.app.internal")).toBe(
      "a=Domain=app.internal; Domain=x.app.internal",
    );
  });
  test("may be every other one", () => {
    const any = { "app.internal": "example.com", "*": "" };
    expect(rewrite({ domain: any }, "a=1; Domain=app.internal")).toBe("a=1; Domain=example.com");
    expect(rewrite({ domain: any }, "a=1; Domain = other ; Secure")).toBe("a=1; Secure");
  });
});

describe("a path", () => {
  const cases: [rules: Record<string, string>, path: string, becomes: string][] = [
    [{ "/app/": "/" }, "/app/", "/"],
    [{ "/app/": "/" }, "/app", "/"],
    [{ "/app/": "/" }, "/app/x/y", "/x/y"],
    [{ "/app/": "/" }, "/apple", "/apple"],
    [{ "/app": "/shop" }, "/app", "/shop"],
    [{ "/app": "/shop" }, "/app/x", "/shop/x"],
    [{ "/app": "/shop/" }, "/app/", "/shop/"],
    [{ "/app": "/shop" }, "/apple", "/apple"],
    [{ "/": "/shop/" }, "/", "/shop/"],
    [{ "/": "/shop" }, "/x", "/shop/x"],
    [{ "/": "/a/", "/app/": "/b/" }, "/app/x", "/b/x"],
  ];
  for (const [path, from, to] of cases) {
    test(`${JSON.stringify(path)}: ${from} is ${to}`, () => {
      expect(rewrite({ path }, `a=1; Path=${from}; Secure`)).toBe(`a=1; Path=${to}; Secure`);
    });
  }
});

test("a cookie that promises to have neither is left alone", () => {
  const cookie = "__Host-a=1; Path=/; Secure";
  expect(rewrite({ path: { "/": "/x/" }, domain: { "*": "a" } }, cookie)).toBe(cookie);
  expect(rewrite({ path: { "/": "/x/" } }, "a")).toBe("a");
});
