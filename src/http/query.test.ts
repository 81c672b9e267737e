import { expect, test } from "bun:test";
import { fieldsFrom } from "./form-fields.ts";
import { parseQuery } from "./query.ts";

test("a name that comes again makes a list", () => {
  expect({ ...parseQuery("tag=a&q=x+y&tag=b&tag=c") }).toEqual({ tag: ["a", "b", "c"], q: "x y" });
  expect({ ...parseQuery("") }).toEqual({});
});

test("nothing is polluted, whatever the names", () => {
  const query = parseQuery(
    "__proto__=a&__proto__=b&__proto__[x]=1&constructor=c&toString=d&%5f_proto__=e",
  );
  expect(Object.getPrototypeOf(query)).toBeNull();
  expect(Object.keys(query)).toEqual(["__proto__[x]", "constructor", "toString"]);
  const copy = Object.assign({}, query);
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  const merged = fieldsFrom([
    ["__proto__", "x"],
    ["a", "1"],
  ]);
  expect({ ...merged }).toEqual({ a: "1" });
});

test("what is refused is a bad request, also when it is too much", () => {
  const limits = { fields: 1, nameBytes: 10, valueBytes: 10 };
  const code = (query: string) => {
    try {
      parseQuery(query, limits);
      return undefined;
    } catch (error) {
      return [(error as { status: number }).status, (error as { code: string }).code];
    }
  };
  expect(code("a=1")).toBeUndefined();
  expect(code("a=%ff")).toEqual([400, "field_not_utf8"]);
  expect(code("a=1&b=2")).toEqual([400, "query_too_many_fields"]);
  expect(code("a=12345678901")).toEqual([400, "query_field_value_too_long"]);
});
