import { expect, test } from "bun:test";
import { digest, equalDigests } from "./digest.ts";
import { timingSafeEqual } from "./timing-safe-equal.ts";

test("tells equal secrets from others", async () => {
  const bytes = new TextEncoder().encode("geheim€");
  const cases: [string | Uint8Array, string | Uint8Array, boolean][] = [
    ["a", "a", true],
    ["", "", true],
    ["geheim€", bytes, true],
    ["a", "b", false],
    ["a", "aa", false],
    ["", "a", false],
    ["a\0", "a", false],
    ["é", "e\u0301", false],
    ["x".repeat(100_000), "x".repeat(99_999), false],
  ];
  for (const [a, b, equal] of cases) expect(await timingSafeEqual(a, b)).toBe(equal);
});

test("secrets of any length are compared by digests of one length", async () => {
  for (const secret of ["", "a", "x".repeat(10_000), new Uint8Array(5)]) {
    expect(await digest(secret)).toHaveLength(32);
  }
  // Not a plain hash, which could be made elsewhere for any guess.
  const plain = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode("a")),
  );
  expect(await digest("a")).not.toEqual(plain);
  expect(await digest("a")).toEqual(await digest("a"));
});

test("every byte of both digests is read, wherever they differ", () => {
  for (let differs = -1; differs < 32; differs++) {
    const read: number[] = [];
    const watched = new Proxy(
      Array.from({ length: 32 }, () => 7),
      {
        get(target, key, receiver) {
          if (typeof key === "string" && /^\d+$/.test(key)) read.push(Number(key));
          return Reflect.get(target, key, receiver) as unknown;
        },
      },
    );
    const other = Array.from({ length: 32 }, () => 7);
    if (differs >= 0) other[differs] = 8;
    expect(equalDigests(watched, other)).toBe(differs < 0);
    expect(read).toEqual(Array.from({ length: 32 }, (_, i) => i));
  }
});

test("what is no digest is not compared", () => {
  expect(() => equalDigests([1], [1, 2])).toThrow(RangeError);
});
