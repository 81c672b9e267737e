import { expect, test } from "bun:test";
import { seededRandom } from "../../../../test/support/random.ts";
import { decodeReply, encodeQuery } from "./message.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(/\s/g, ""));

test("a question as RFC 1035 and RFC 6891 write it", () => {
  expect(encodeQuery(0x1234, "api.internal.", "SRV")).toEqual(
    bytes(`1234 0100 0001 0000 0000 0001
      03 617069 08 696e7465726e616c 00 0021 0001
      00 0029 04d0 00000000 0000`),
  );
});

/** a.test, an alias of b.test with two addresses. */
const REPLY = bytes(`1234 8180 0001 0003 0000 0000
  01 61 04 74657374 00 0001 0001
  c00c 0005 0001 0000003c 0004 01 42 c00e
  c024 0001 0001 00000005 0004 0a000001
  c024 001c 0001 80000000 0010 20010db8000000000000000000000001`);

test("an answer with aliases, pointers and addresses", () => {
  expect(decodeReply(REPLY)).toEqual({
    id: 0x1234,
    code: 0,
    truncated: false,
    question: { name: "a.test", type: 1 },
    answers: [
      { name: "a.test", ttl: 60, type: "CNAME", target: "b.test" },
      { name: "b.test", ttl: 5, type: "A", address: "10.0.0.1" },
      // RFC 2181 8: a time with its highest bit set is none.
      { name: "b.test", ttl: 0, type: "AAAA", address: "2001:db8::1" },
    ],
    additional: [],
  });
});

test("a name that points to itself, and one that never ends, are refused", () => {
  const circle = bytes("1234 8180 0001 0000 0000 0000 c00c 0001 0001");
  expect(() => decodeReply(circle)).toThrow("circle");
  const endless = new Uint8Array(600).fill(1);
  endless.set(bytes("1234 8180 0001 0000 0000 0000"));
  expect(() => decodeReply(endless)).toThrow("too long");
});

test("whatever else comes is refused or read, and never hangs", () => {
  const random = seededRandom(35);
  for (let i = 0; i < 20_000; i++) {
    const broken = REPLY.slice(0, random.below(REPLY.length + 1));
    for (let n = random.below(4); n > 0 && broken.length > 0; n--) {
      broken[random.below(broken.length)] = random.below(256);
    }
    try {
      decodeReply(broken);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
  }
});
