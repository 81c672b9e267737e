import { expect, test } from "bun:test";
import { COARSE_STEP, coarseNow } from "./coarse-clock.ts";

test("follows the clock, never ahead of it and never backwards", async () => {
  let before = coarseNow();
  for (let i = 0; i < 20; i++) {
    await Bun.sleep(COARSE_STEP / 10);
    const now = coarseNow();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(performance.now());
    before = now;
  }
});

test("is right at once after nobody asked for a while", async () => {
  coarseNow();
  await Bun.sleep(COARSE_STEP * 3);
  const floor = performance.now();
  await Bun.sleep(COARSE_STEP);
  // Whether it stopped or still ticks, it has seen this sleep.
  expect(coarseNow()).toBeGreaterThan(floor - COARSE_STEP);
});
