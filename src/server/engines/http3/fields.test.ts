import { describe, expect, test } from "bun:test";
import { collectFields, flattenFields } from "./fields.ts";

describe("flattenFields", () => {
  test("pseudo-headers first, lists in order", () => {
    const fields = { "7": "seven", ":method": "GET", cookie: ["a=1", "b=2"], ":path": "/" };
    expect(flattenFields(fields)).toEqual([
      ":method",
      "GET",
      ":path",
      "/",
      "7",
      "seven",
      "cookie",
      "a=1",
      "cookie",
      "b=2",
    ]);
  });

  test.each([
    ["", true],
    ["a", true],
    ["a b\tc", true],
    ["caf\xe9", true],
    [" a", false],
    ["a\t", false],
    ["a\r\nb", false],
    ["a\0", false],
    ["a\x7f", false],
    ["\u{1f600}", false],
  ])("the value %j is allowed: %p", (value, allowed) => {
    expect(flattenFields({ "x-a": value }) !== undefined).toBe(allowed);
    expect(flattenFields({ "x-a": ["fine", value] }) !== undefined).toBe(allowed);
    expect(flattenFields({ ":path": value }) !== undefined).toBe(allowed);
  });

  test.each(["", "a b", "a:b", "\xe9", "a\n"])("the name %j is refused", (name) => {
    expect(flattenFields({ [name]: "x" })).toBeUndefined();
  });
});

describe("collectFields", () => {
  test("repeated names become lists; names of Object are names like others", () => {
    const fields = collectFields(
      ["set-cookie", "a", "__proto__", "x", "set-cookie", "b", "set-cookie", "c"],
      200,
    );
    expect(fields[":status"]).toBe("200");
    expect(fields["set-cookie"]).toEqual(["a", "b", "c"]);
    expect(fields["__proto__"]).toBe("x");
    expect(collectFields([], 0)[":status"]).toBeUndefined();
  });
});
