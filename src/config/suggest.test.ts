import { expect, test } from "bun:test";
import { suggest } from "./suggest.ts";

const keys = ["host", "port", "workers", "http2", "http3", "header_bytes", "warn", "certificate"];

test.each([
  ["prot", "port"],
  ["hots", "host"],
  ["Port", "port"],
  ["worker", "workers"],
  ["header-bytes", "header_bytes"],
  ["headerBytes", "header_bytes"],
  ["haeder_byte", "header_bytes"],
  ["warning", "warn"],
  ["cert", "certificate"],
  ["http4", "http2"],
  ["zebra", undefined],
  ["x", undefined],
  ["", undefined],
  ["1.1", undefined],
])("%s → %s", (word, expected) => {
  expect(suggest(word, keys)).toBe(expected as string);
});
