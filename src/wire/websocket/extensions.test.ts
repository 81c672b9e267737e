import { describe, expect, test } from "bun:test";
import { parseExtensions } from "./extensions.ts";
import { acceptDeflate, confirmDeflate } from "./permessage-deflate.ts";

describe("RFC 6455 9.1: the field", () => {
  test("names, parameters, tokens and quoted tokens", () => {
    expect(parseExtensions(null)).toEqual([]);
    expect(parseExtensions('foo, bar; a ;b=2;c="3" ,, baz; d = 4')).toEqual([
      { name: "foo", parameters: [] },
      {
        name: "bar",
        parameters: [
          ["a", undefined],
          ["b", "2"],
          ["c", "3"],
        ],
      },
      { name: "baz", parameters: [["d", "4"]] },
    ]);
  });

  const malformed = ["", " ", ",", "foo;", "foo;;a", "foo a", "foo;a=", 'foo;a="b', 'foo;a="b c"'];
  malformed.push("foo=1", "foo;a=b=c", "föö", 'foo;a=""', "foo;a==b", "foo\0", ";a");
  malformed.push(Array.from({ length: 17 }, () => "foo").join(","));
  for (const field of malformed) {
    test(`malformed: ${JSON.stringify(field.slice(0, 30))}`, () => {
      expect(parseExtensions(field)).toBeUndefined();
    });
  }

  test("stays linear on what was made to be slow", () => {
    const field = `a${"; b=c ".repeat(20_000)};`;
    expect(parseExtensions(field)).toBeUndefined();
    expect(parseExtensions(`a;${" \t".repeat(50_000)}`)).toBeUndefined();
  });
});

describe("RFC 7692 7.1: what a server makes of offers", () => {
  const both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  const answers: [offer: string, answer: string | undefined][] = [
    ["permessage-deflate", both],
    ["permessage-deflate; client_max_window_bits", both],
    ["permessage-deflate; client_max_window_bits=8", both],
    ["permessage-deflate; server_no_context_takeover", both],
    ["permessage-deflate; server_max_window_bits=10", `${both}; server_max_window_bits=10`],
    ['permessage-deflate; server_max_window_bits="12"', `${both}; server_max_window_bits=12`],
    ["x-webkit-deflate-frame, permessage-deflate", both],
    // The first offer that can be kept.
    ["permessage-deflate; server_max_window_bits=8, permessage-deflate", both],
    ["permessage-deflate; server_max_window_bits=8", undefined],
    ["permessage-deflate; server_max_window_bits", undefined],
    ["permessage-deflate; server_max_window_bits=7", undefined],
    ["permessage-deflate; server_max_window_bits=16", undefined],
    ["permessage-deflate; server_max_window_bits=010", undefined],
    ["permessage-deflate; client_max_window_bits=99", undefined],
    ["permessage-deflate; server_no_context_takeover=1", undefined],
    ["permessage-deflate; client_no_context_takeover=true", undefined],
    ["permessage-deflate; unknown", undefined],
    ["permessage-deflate; server_no_context_takeover; server_no_context_takeover", undefined],
    ["other", undefined],
  ];
  for (const [offer, answer] of answers) {
    test(offer, () => expect(acceptDeflate(parseExtensions(offer) ?? [])?.response).toBe(answer));
  }
});

describe("RFC 7692 7.1: what a client makes of the answer", () => {
  const confirm = (field: string | null) => confirmDeflate(parseExtensions(field) ?? []);

  test("both no_context_takeover, or only the server's", () => {
    expect(confirm("permessage-deflate; server_no_context_takeover")).toEqual({ windowBits: 15 });
    const full =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9";
    expect(confirm(full)).toEqual({ windowBits: 15 });
    expect(confirm(null)).toBeUndefined();
  });

  const wrong = [
    "permessage-deflate",
    "other",
    "permessage-deflate; server_no_context_takeover; client_max_window_bits=10",
    "permessage-deflate; server_no_context_takeover; x",
    "permessage-deflate; server_no_context_takeover, permessage-deflate; server_no_context_takeover",
  ];
  for (const field of wrong) test(`fails: ${field}`, () => expect(() => confirm(field)).toThrow());
});
