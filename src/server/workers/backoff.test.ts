import { expect, test } from "bun:test";
import { Backoff } from "./backoff.ts";

test("twice as long after each early death, up to half a minute", () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 11 }, () => backoff.next(50));
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
});

test("one that had settled begins anew", () => {
  const backoff = new Backoff();
  backoff.next(50);
  backoff.next(50);
  expect(backoff.next(60_000)).toBe(100);
  expect(backoff.next(50)).toBe(200);
});
