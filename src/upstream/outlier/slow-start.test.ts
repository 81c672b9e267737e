import { expect, test } from "bun:test";
import { ManualTime } from "../../../test/support/manual-time.ts";
import { inPanic } from "./panic.ts";
import { SlowStart } from "./slow-start.ts";

test("rises in a line from a tenth", () => {
  const time = new ManualTime();
  const start = new SlowStart(10_000, time.now);
  expect(start.factor).toBe(1);
  start.begin();
  expect(start.factor).toBeCloseTo(0.1);
  time.advance(5_000);
  expect(start.factor).toBeCloseTo(0.55);
  time.advance(4_999);
  expect(start.factor).toBeLessThan(1);
  time.advance(1);
  expect(start.factor).toBe(1);
  start.begin();
  expect(start.factor).toBeCloseTo(0.1);
});

test("0 ms is at once", () => {
  const start = new SlowStart(0, () => 5);
  start.begin();
  expect(start.factor).toBe(1);
});

test("panic below the share, not at it", () => {
  expect(inPanic(5, 10, 0.5)).toBe(false);
  expect(inPanic(4, 10, 0.5)).toBe(true);
  expect(inPanic(0, 10, 0.5)).toBe(true);
  expect(inPanic(0, 10, 0)).toBe(false);
  expect(inPanic(0, 0, 0.5)).toBe(false);
  expect(inPanic(2, 3, 1)).toBe(true);
});
