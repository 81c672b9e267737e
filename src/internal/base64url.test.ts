import { expect, test } from "bun:test";
import { fromBase64Url, toBase64Url } from "./base64url.ts";

test("what was written is read again, of every length", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    const text = toBase64Url(bytes);
    expect(text).toBe(Buffer.from(bytes).toString("base64url"));
    expect(fromBase64Url(text)).toEqual(bytes);
  }
  const large = new Uint8Array(100_000).fill(0xfb);
  expect(fromBase64Url(toBase64Url(large))).toEqual(large);
});

test.each(["a", "abcde", "ab==", "ab+/", "a b", "ä", "ab\n", "AB"])("%p is refused", (text) => {
  expect(fromBase64Url(text)).toBeUndefined();
});
