import { describe, expect, test } from "bun:test";
import { parse } from "smol-toml";
import { formatToml } from "./format.ts";

const messy = `# the file


   title="x"   #no space
a . "b c" .d   =  1
list=[1,2 ,
3]
[ server ]
port   = 80
host='127.0.0.1' # here

# about the route
# in two lines
[[ route ]]# a route
match={host="a.test",path='/x'}
names = [ # open
  "one", "two", # after two
  # alone
  "three"
]
text = """
  kept   =  as is
# not a comment
"""
nested = [ [1,2], { a=1, b=[ "x" ] }, ]
empty = [ ]
none = {}
[x]
#!kept
# end
`;

const tidy = `# the file

title = "x" # no space
a."b c".d = 1
list = [1, 2, 3]

[server]
port = 80
host = '127.0.0.1' # here

# about the route
# in two lines
[[route]] # a route
match = { host = "a.test", path = '/x' }
names = [
  # open
  "one",
  "two", # after two
  # alone
  "three",
]
text = """
  kept   =  as is
# not a comment
"""
nested = [[1, 2], { a = 1, b = ["x"] }]
empty = []
none = {}

[x]
#!kept
# end
`;

describe("formatToml", () => {
  test("tidies and keeps every comment", () => {
    expect(formatToml(messy)).toBe(tidy);
  });

  test("changes nothing that is tidy", () => {
    expect(formatToml(tidy)).toBe(tidy);
  });

  test("means the same", () => {
    expect(parse(formatToml(messy))).toEqual(parse(messy));
  });

  test("long lists are broken up, one line an item", () => {
    const names = Array.from({ length: 12 }, (_, i) => `"name-number-${i}"`);
    const formatted = formatToml(`names = [${names.join(",")}]`);
    expect(formatted).toBe(`names = [\n${names.map((name) => `  ${name},\n`).join("")}]\n`);
    expect(formatToml(formatted)).toBe(formatted);
  });

  test.each([
    ["", ""],
    ["\n\n", ""],
    ["# only\n", "# only\n"],
    ["a = 1", "a = 1\n"],
    ["\uFEFFa = 1\r\nb = 2\r\n", "a = 1\nb = 2\n"],
    ["a = 1\n\n\n\n# gap\n\n\nb = 2\n", "a = 1\n\n# gap\n\nb = 2\n"],
    ["d = 1979-05-27 07:32:00Z # when\n", "d = 1979-05-27 07:32:00Z # when\n"],
    ["s = \"a # b\"\nt = 'c # d'\n", "s = \"a # b\"\nt = 'c # d'\n"],
    ['q = """a""""\n', 'q = """a""""\n'],
    ["[a]\n[b]\n", "[a]\n\n[b]\n"],
    ["x = { a = [\n1, # one\n2] }\n", "x = {\n  a = [\n    1, # one\n    2,\n  ],\n}\n"],
  ])("%j", (source, expected) => {
    expect(formatToml(source)).toBe(expected);
    expect(formatToml(expected)).toBe(expected);
  });
});
