import { expect, test } from "bun:test";
import { parseGrpcTimeout } from "./grpc-timeout.ts";

test.each([
  ["1H", 3_600_000],
  ["2M", 120_000],
  ["3S", 3_000],
  ["99999999m", 99_999_999],
  ["500u", 0.5],
  ["1000n", 0.001],
  ["0S", 0],
])("%s is %d ms", (text, ms) => {
  expect(parseGrpcTimeout(text)).toBeCloseTo(ms, 9);
});

test.each(["", "S", "1", "1s", "123456789S", "-1S", "1.5S", "1 S", "1SS"])("%p is none", (text) => {
  expect(parseGrpcTimeout(text)).toBeUndefined();
});
