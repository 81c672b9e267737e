import { describe, expect, test } from "bun:test";
import { nodeAddress, parseForwarded } from "./forwarded.ts";

const read = (field: string) =>
  parseForwarded(field)?.map((element) => Object.fromEntries(element));

describe("parseForwarded", () => {
  test("reads the examples of RFC 7239", () => {
    expect(read('for="_gazonk"')).toEqual([{ for: "_gazonk" }]);
    expect(read('For="[2001:db8:cafe::17]:4711"')).toEqual([{ for: "[2001:db8:cafe::17]:4711" }]);
    expect(read("for=192.0.2.60;proto=http;by=203.0.113.43")).toEqual([
      { for: "192.0.2.60", proto: "http", by: "203.0.113.43" },
    ]);
    expect(read("for=192.0.2.43, for=198.51.100.17")).toEqual([
      { for: "192.0.2.43" },
      { for: "198.51.100.17" },
    ]);
  });

  test("takes what senders do, and escapes", () => {
    expect(read("for=192.0.2.1:8080 ; host=a.example:443,,")).toEqual([
      { for: "192.0.2.1:8080", host: "a.example:443" },
    ]);
    expect(read('host="a\\"b,c;d"')).toEqual([{ host: 'a"b,c;d' }]);
    expect(read("")).toEqual([]);
  });

  test("refuses all of a field with a mistake", () => {
    for (const field of [
      "for",
      "for=",
      'for="1.2.3.4',
      "for=1.2.3.4;for=5.6.7.8",
      "for=a b",
      '"for"=a',
      "for=1.2.3.4, =x",
      'for="a"b',
    ])
      expect([field, read(field)]).toEqual([field, undefined]);
  });

  test("takes long fields in one go", () => {
    expect(read("for=_a,".repeat(20_000))).toHaveLength(20_000);
    expect(read(`${" ".repeat(100_000)}x`)).toBeUndefined();
    expect(read(`for="${"\\a".repeat(50_000)}`)).toBeUndefined();
    expect(read(`${";".repeat(100_000)}for`)).toBeUndefined();
  });
});

test("nodeAddress cuts ports and brackets off", () => {
  for (const [node, address] of [
    ["192.0.2.1", "192.0.2.1"],
    ["192.0.2.1:80", "192.0.2.1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["[2001:db8::1]:_p", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
    ["unknown", "unknown"],
    ["[2001:db8::1", ""],
    ["[::1]x", ""],
    ["", ""],
  ])
    expect([node, nodeAddress(node as string)]).toEqual([node as string, address as string]);
});
