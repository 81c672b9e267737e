import { expect, test } from "bun:test";
import { ClientCookies } from "./client-cookies.ts";

function took(path: string, ...fields: string[]): ClientCookies {
  const cookies = new ClientCookies();
  cookies.take(new Headers(fields.map((field) => ["set-cookie", field])), path);
  return cookies;
}

test("are sent to their path and below", () => {
  const cookies = took("/a/b", "one=1", "two=2; Path=/", "three=3; path=/a/b; HttpOnly");
  expect(cookies.header("/a/b")).toBe("three=3; one=1; two=2");
  expect(cookies.header("/a/bc")).toBe("one=1; two=2");
  expect(cookies.header("/ab")).toBe("two=2");
});

test("end when they say so, Max-Age before Expires", () => {
  const past = "Thu, 01 Jan 1970 00:00:00 GMT";
  const cookies = took(
    "/",
    `a=1; Expires=${past}`,
    `b=2; Max-Age=60; Expires=${past}`,
    "c=3; Max-Age=0",
  );
  expect(cookies.header("/")).toBe("b=2");
  cookies.take(new Headers({ "set-cookie": "b=; Max-Age=-1" }), "/");
  expect(cookies.get("b")).toBeUndefined();
});

test("are replaced by name and path, set and deleted by hand", () => {
  const cookies = took("/", "a=1", "a=2");
  expect(cookies.header("/")).toBe("a=2");
  cookies.set("b", "3");
  expect(cookies.header("/deep/down")).toBe("a=2; b=3");
  cookies.delete("a");
  expect(cookies.header("/")).toBe("b=3");
});

test("that are none are left out", () => {
  expect(took("/", "nonsense", "=1", "  =2; Path=/").header("/")).toBe("");
});

test("do not fill the memory", () => {
  const many = Array.from({ length: 1_100 }, (_, i) => `c${i}=1`);
  expect(
    took("/", ...many)
      .header("/")
      .split("; "),
  ).toHaveLength(1_000);
});
