import { expect, test } from "bun:test";
import { ManualTime } from "../../test/support/manual-time.ts";
import { SlidingWindow } from "./sliding-window.ts";

test("forgets what is older than the window", () => {
  const time = new ManualTime();
  const window = new SlidingWindow(10_000, time.now);
  expect([window.total, window.faultRate]).toEqual([0, 0]);
  window.add(true);
  time.advance(5_000);
  window.add(false);
  expect([window.total, window.faultRate]).toEqual([2, 0.5]);
  time.advance(5_000);
  expect([window.total, window.faultRate]).toEqual([1, 0]);
  time.advance(5_000);
  expect(window.total).toBe(0);
});

test("a long silence empties it", () => {
  const time = new ManualTime();
  const window = new SlidingWindow(1_000, time.now);
  for (let i = 0; i < 50; i++) window.add(true);
  time.advance(3_600_000);
  expect([window.total, window.faultRate]).toEqual([0, 0]);
  window.add(false);
  expect([window.total, window.faultRate]).toEqual([1, 0]);
});

test("agrees with a plain list over a long run", () => {
  const time = new ManualTime();
  const window = new SlidingWindow(1_000, time.now);
  const seen: { slot: number; faulty: boolean }[] = [];
  for (let i = 0; i < 2_000; i++) {
    time.advance((i * 37) % 211);
    const slot = Math.floor(time.now() / 100);
    seen.push({ slot, faulty: i % 3 === 0 });
    window.add(i % 3 === 0);
    const live = seen.filter((one) => one.slot > slot - 10);
    expect(window.total).toBe(live.length);
    expect(window.faultRate).toBe(live.filter(({ faulty }) => faulty).length / live.length);
  }
});

test("clear begins anew", () => {
  const window = new SlidingWindow(1_000, new ManualTime().now);
  window.add(true);
  window.clear();
  expect(window.total).toBe(0);
});
