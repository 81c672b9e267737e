import { describe, expect, test } from "bun:test";
import { TextPattern } from "./text-pattern.ts";

describe("the groups of an expression", () => {
  test.each([
    ["^/old/(.*)$", "/old/a/b"],
    ["^/old/(.*)$", "/old/"],
    ["^/(?<lang>[a-z]{2})/(?<rest>.+)$", "/de/guide/a"],
    ["/v([0-9]+)(?:/(.*))?", "/api/v12/x/y"],
    ["/v([0-9]+)(?:/(.*))?", "/api/v12"],
    ["(a+)(a*)", "xaaay"],
    ["(a|ab)(c|bcd)?", "abcd"],
    ["(\\w+)\\.(png|jpe?g)$", "/img/cat.jpeg"],
    ["^(a{2,3})(a{0,2})(.*)$", "aaaaaa"],
    ["([^/]+)/([^/]+)$", "/x/y/z"],
    ["^()$", ""],
    ["x(y)?z", "xz"],
  ])("%s in %s are those of RegExp", (source, text) => {
    const found = new TextPattern(source).exec(text);
    const reference = new RegExp(source).exec(text) as RegExpExecArray;
    expect([...(found as unknown as string[])]).toEqual([...reference]);
    expect({ ...found?.groups }).toEqual({ ...reference.groups });
  });

  test("nothing where the text does not match", () => {
    expect(new TextPattern("^/a(.)$").exec("/ab/")).toBeUndefined();
    expect(new TextPattern("(b)").exec("aaa")).toBeUndefined();
  });

  test("take time linear in the text", () => {
    const pattern = new TextPattern("^/((a+)+c|(a*)b)$");
    expect(pattern.exec(`/${"a".repeat(5000)}b`)?.[3]).toHaveLength(5000);
    expect(pattern.exec(`/${"a".repeat(5000)}`)).toBeUndefined();
  });

  test("are counted by their opening brackets, and named once", () => {
    const { count, names } = new TextPattern("^/(?:x)(a(?<b>c))(?<d>.)").groups;
    expect(count).toBe(3);
    expect([...names]).toEqual([
      ["b", 2],
      ["d", 3],
    ]);
    expect(() => new TextPattern("(?<a>x)(?<a>y)")).toThrow('two groups are named "a"');
    expect(() => new TextPattern("(?<1>x)")).toThrow("only (…), (?:…) and (?<name>…)");
    expect(() => new TextPattern("(?=x)")).toThrow("look-around");
  });
});
