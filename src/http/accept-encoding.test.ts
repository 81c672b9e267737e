import { expect, test } from "bun:test";
import { AcceptanceCache, parseAcceptEncoding } from "./accept-encoding.ts";

function show(field: string | undefined): string {
  const { preferred, tolerated, identity } = parseAcceptEncoding(field);
  const parts = [...preferred, identity ? "identity" : "-", ...tolerated];
  return parts.join(" ");
}

test.each([
  [undefined, "identity"],
  ["", "identity"],
  ["gzip", "gzip identity"],
  ["GZIP", "gzip identity"],
  ["x-gzip", "gzip identity"],
  ["gzip, deflate, br, zstd", "br zstd gzip deflate identity"],
  ["gzip;q=1.0, br;q=0.5", "gzip br identity"],
  ["gzip ; q=0.5 , br ; Q=0.8", "br gzip identity"],
  ["gzip;q=0", "identity"],
  ["*", "br zstd gzip deflate identity"],
  ["*;q=0", "-"],
  ["*;q=0, gzip", "gzip -"],
  ["br;q=0, *", "zstd gzip deflate identity"],
  ["identity", "identity"],
  ["identity;q=0", "-"],
  ["identity;q=0, gzip", "gzip -"],
  ["identity;q=0, *;q=0.1", "br zstd gzip deflate -"],
  ["*;q=0, identity", "identity"],
  ["gzip;q=0.5, identity", "identity gzip"],
  ["gzip;q=0.5, identity;q=0.5", "gzip identity"],
  ["compress, unknown", "identity"],
  ["gzip;q=2", "identity"],
  ["gzip;q=0.0001", "identity"],
  ["gzip;level=9", "identity"],
  [",,gzip,,", "gzip identity"],
])("%p allows %s", (field, allowed) => {
  expect(show(field)).toBe(allowed);
});

test("the server's order decides between what the client likes equally", () => {
  const { preferred } = parseAcceptEncoding("gzip, br, zstd", ["zstd", "gzip"]);
  expect(preferred).toEqual(["zstd", "gzip"]);
});

test("the cache answers the same object and stays bounded", () => {
  const cache = new AcceptanceCache();
  expect(cache.get("gzip, br")).toBe(cache.get("gzip, br"));
  for (let i = 0; i < 2000; i++) cache.get(`gzip, x${i}`);
  expect(cache.get("gzip").preferred).toEqual(["gzip"]);
});
