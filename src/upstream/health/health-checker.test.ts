import { expect, test } from "bun:test";
import { ManualTime } from "../../../test/support/manual-time.ts";
import { HealthChecker } from "./health-checker.ts";
import { HealthState } from "./health-state.ts";

const settle = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

test("healthy until proven otherwise; the first check decides, later ones must agree", () => {
  const changes: boolean[] = [];
  const state = new HealthState({ healthy: 2, unhealthy: 3 }, (healthy) => changes.push(healthy));
  expect([state.status, state.healthy]).toEqual(["unknown", true]);
  state.record("refused");
  expect([state.status, state.reason]).toEqual(["unhealthy", "refused"]);
  state.record(undefined);
  expect(state.healthy).toBe(false);
  state.record(undefined);
  expect([state.status, state.reason]).toEqual(["healthy", undefined]);
  for (const result of ["x", "x", undefined, "x", "x"]) state.record(result);
  expect(state.healthy).toBe(true);
  state.record("x");
  expect(changes).toEqual([false, true, false]);
});

test("a first good check is no change", () => {
  const changes: boolean[] = [];
  const state = new HealthState({ healthy: 2, unhealthy: 1 }, (healthy) => changes.push(healthy));
  state.record(undefined);
  expect([state.status, changes.length]).toEqual(["healthy", 0]);
});

function checked(probe: (signal: AbortSignal) => Promise<void>, random = () => 0.5) {
  const time = new ManualTime();
  const state = new HealthState({ healthy: 1, unhealthy: 1 });
  const options = { intervalMs: 10_000, timeoutMs: 2_000 };
  return { time, state, checker: new HealthChecker(probe, state, options, time.schedule, random) };
}

test("checks at once, then an interval after each end, jittered", async () => {
  let checks = 0;
  let jitter = 0;
  const { time, checker } = checked(
    async () => void checks++,
    () => jitter,
  );
  checker.start();
  checker.start();
  expect(checks).toBe(1);
  await settle();
  expect(time.nextMs).toBe(9_000);
  jitter = 1;
  time.advance(9_000);
  await settle();
  expect([checks, time.nextMs]).toEqual([2, 11_000]);
  checker.stop();
  expect(time.waiting).toBe(0);
});

test("a check that takes too long is a bad one, given up, and never overlaps", async () => {
  const signals: AbortSignal[] = [];
  const ends: (() => void)[] = [];
  const { time, state, checker } = checked((signal) => {
    signals.push(signal);
    return new Promise((resolve) => ends.push(resolve));
  });
  checker.start();
  time.advance(2_000);
  expect(state.reason).toBe("no result within 2000 ms");
  expect(signals[0]?.aborted).toBe(true);
  time.advance(10_000);
  expect(signals.length).toBe(2);
  // The first one ends late: that says nothing, and plans nothing.
  ends[0]?.();
  await settle();
  expect([state.healthy, time.waiting]).toEqual([false, 1]);
  ends[1]?.();
  await settle();
  expect([state.healthy, time.waiting]).toEqual([true, 1]);
  checker.stop();
});

test("stop gives up what is under way, and its result is not noted", async () => {
  let aborted = false;
  const { time, state, checker } = checked(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(signal.reason as Error);
        });
      }),
  );
  checker.start();
  checker.stop();
  await settle();
  expect([aborted, state.status, time.waiting]).toEqual([true, "unknown", 0]);
  time.advance(100_000);
  checker.start();
  expect(time.waiting).toBe(1);
  checker.stop();
});

test("a probe that throws at once, or something else than an error, is a bad check", async () => {
  for (const thrown of [new Error("nonsense"), "nonsense"]) {
    const { state, checker } = checked(() => {
      throw thrown;
    });
    checker.start();
    await settle();
    expect(state.reason).toBe("nonsense");
    checker.stop();
  }
});
