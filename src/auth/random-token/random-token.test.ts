import { expect, test } from "bun:test";
import { fromBase64Url } from "../../internal/base64url.ts";
import { randomToken } from "./random-token.ts";

test("has as many random bytes as asked for, in characters that need no escape", () => {
  for (const bytes of [16, 17, 32, 1024]) {
    const token = randomToken(bytes);
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(fromBase64Url(token)).toHaveLength(bytes);
  }
  expect(fromBase64Url(randomToken())).toHaveLength(32);
  expect(new Set(Array.from({ length: 100 }, () => randomToken())).size).toBe(100);
});

test("refuses what could be guessed, and what is no size", () => {
  for (const bytes of [0, 8, 15, 1025, 16.5, -32, Number.NaN]) {
    expect(() => randomToken(bytes)).toThrow("16 to 1024 bytes");
  }
});
