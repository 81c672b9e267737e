import { describe, expect, test } from "bun:test";
import { HpackDecoder, HpackError } from "./decoder.ts";
import { encodeFields } from "./encoder.ts";
import { decodeHuffman } from "./huffman.ts";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const decode = (decoder: HpackDecoder, text: string) =>
  decoder.decode(hex(text), 100_000, 100).flat;

describe("the examples of RFC 7541 appendix C", () => {
  test("C.3 requests without Huffman coding, one table", () => {
    const decoder = new HpackDecoder();
    expect(decode(decoder, "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d")).toEqual([
      ":method",
      "GET",
      ":scheme",
      "http",
      ":path",
      "/",
      ":authority",
      "www.example.com",
    ]);
    expect(decode(decoder, "8286 84be 5808 6e6f 2d63 6163 6865")).toEqual([
      ":method",
      "GET",
      ":scheme",
      "http",
      ":path",
      "/",
      ":authority",
      "www.example.com",
      "cache-control",
      "no-cache",
    ]);
    expect(
      decode(decoder, "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65"),
    ).toEqual([
      ":method",
      "GET",
      ":scheme",
      "https",
      ":path",
      "/index.html",
      ":authority",
      "www.example.com",
      "custom-key",
      "custom-value",
    ]);
  });

  test("C.4 requests with Huffman coding", () => {
    const decoder = new HpackDecoder();
    expect(decode(decoder, "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff")).toEqual([
      ":method",
      "GET",
      ":scheme",
      "http",
      ":path",
      "/",
      ":authority",
      "www.example.com",
    ]);
    expect(decode(decoder, "8286 84be 5886 a8eb 1064 9cbf")).toContain("no-cache");
    expect(
      decode(decoder, "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"),
    ).toContain("custom-value");
  });
});

test("what the encoder writes the decoder reads", () => {
  const flat = [
    ":status",
    "200",
    "content-type",
    "text/html",
    "x",
    "",
    "y",
    "z".repeat(300),
    "date",
    "é",
  ];
  expect(new HpackDecoder().decode(encodeFields(flat), 100_000, 100).flat).toEqual(flat);
});

describe("hostile blocks", () => {
  for (const [name, text] of [
    ["an index of zero", "80"],
    ["an index that no field has", "be"],
    ["an integer without end", "ffff ffff ffff ffff ff"],
    ["a string longer than its block", "0001 610a 61"],
    ["a block that ends within a field", "40"],
    ["a table larger than allowed", "3fff 7f"],
    ["a table size behind a field", "82 20"],
    ["Huffman padding of eight bits", "0001 6182 1fff"],
    ["Huffman padding that is not ones", "0001 6181 18"],
    ["Huffman EOS", "0001 6184 ffff ffff"],
  ] as const) {
    test(name, () => {
      expect(() => new HpackDecoder().decode(hex(text), 1000, 100)).toThrow(HpackError);
    });
  }

  test("a bomb is counted and not kept", () => {
    const decoder = new HpackDecoder();
    const long = encodeFields(["x", "y".repeat(3000)]);
    // With indexing, so that one byte stands for three thousand.
    long[0] = 0x40;
    const bomb = new Uint8Array(long.byteLength + 10_000).fill(0xbe, long.byteLength);
    bomb.set(long);
    const section = decoder.decode(bomb, 10_000, 1_000);
    expect(section.tooLarge).toBe(true);
    expect(section.size).toBeGreaterThan(30_000_000);
    expect(section.flat.length).toBeLessThan(10);
  });

  test("names and values that may not stand in a message", () => {
    for (const [name, value] of [
      ["X", "a"],
      ["a b", "c"],
      ["", "a"],
      [":", "a"],
      ["a", "b\r\nc"],
      ["a", "\0"],
      ["a", " b"],
      ["a", "b\t"],
    ]) {
      const block = encodeFields([name as string, value as string]);
      expect({ name, malformed: new HpackDecoder().decode(block, 1000, 10).malformed }).toEqual({
        name,
        malformed: true,
      });
    }
  });
});

test("every symbol of the Huffman code", () => {
  expect(decodeHuffman(hex("f1e3c2e5f23a6ba0ab90f4ff"), 0, 12)).toBe("www.example.com");
  expect(decodeHuffman(hex("640eff"), 0, 3)).toBe("307");
});
