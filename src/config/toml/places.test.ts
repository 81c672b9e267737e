import { describe, expect, test } from "bun:test";
import { parse } from "smol-toml";
import { pathKey } from "../path-key.ts";
import type { KeyPath } from "../path-key.ts";
import { SourceFile } from "../source-file.ts";
import { placesOf } from "./places.ts";
import { scanToml } from "./scan.ts";

const text = `top = 1
a.b.c = "dotted"
"quoted key"."with.dot" = 'x'
inline = { x = 1, y.z = [ 1, { deep = true } ] }

[table] # comment
long = """
one
two""" # behind
list = [
  "first", # comment with ] and , in it
  [ 2, 3 ],
]
[table.inner]
key = 1979-05-27T07:32:00Z
[[many]]
name = "one"
[[many.sub]]
id = 1
[[many.sub]]
id = 2
[many.sub.leaf]
v = 1
[[many]]
name = "two"
[[many.sub]]
id = 3
`;

const file = new SourceFile("x.toml", "/x.toml", text);
const places = placesOf(file, scanToml(text));

function at(path: KeyPath): string | undefined {
  const origin = places.get(pathKey(path));
  if (origin?.kind !== "file") return undefined;
  const { line, column } = file.position(origin.key.start);
  const slice = (span: { start: number; end: number }) => text.slice(span.start, span.end);
  return `${line}:${column} ${slice(origin.key)} = ${slice(origin.value).replaceAll("\n", "|")}`;
}

describe("placesOf", () => {
  test.each([
    [["top"], "1:1 top = 1"],
    [["a"], "2:1 a = a"],
    [["a", "b", "c"], '2:5 c = "dotted"'],
    [["quoted key", "with.dot"], "3:14 \"with.dot\" = 'x'"],
    [["inline"], "4:1 inline = { x = 1, y.z = [ 1, { deep = true } ] }"],
    [["inline", "x"], "4:12 x = 1"],
    [["inline", "y", "z", 1, "deep"], "4:32 deep = true"],
    [["table"], "6:2 table = [table]"],
    [["table", "long"], '7:1 long = """|one|two"""'],
    [["table", "list", 0], '11:3 "first" = "first"'],
    [["table", "list", 1, 1], "12:8 3 = 3"],
    [["table", "inner", "key"], "15:1 key = 1979-05-27T07:32:00Z"],
    [["many", 0, "name"], '17:1 name = "one"'],
    [["many", 0, "sub", 1, "id"], "21:1 id = 2"],
    [["many", 0, "sub", 1, "leaf", "v"], "23:1 v = 1"],
    [["many", 1, "name"], '25:1 name = "two"'],
    [["many", 1, "sub", 0, "id"], "27:1 id = 3"],
    [["nowhere"], undefined],
  ] as [KeyPath, string | undefined][])("%j", (path, expected) => {
    expect(at(path)).toBe(expected as string);
  });

  test("every value that the parser finds has a place", () => {
    const visit = (value: unknown, path: KeyPath): void => {
      if (path.length > 0) expect([path, places.has(pathKey(path))]).toEqual([path, true]);
      if (typeof value !== "object" || value === null || value instanceof Date) return;
      const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
      for (const [key, item] of entries) visit(item, [...path, key]);
    };
    visit(parse(text), []);
  });
});
