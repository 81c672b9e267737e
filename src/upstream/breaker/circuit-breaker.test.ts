import { expect, test } from "bun:test";
import { ManualTime } from "../../../test/support/manual-time.ts";
import type { BreakerOptions } from "./circuit-breaker.ts";
import { CircuitBreaker, defaultBreaker } from "./circuit-breaker.ts";

function broken(options: Partial<BreakerOptions> = {}) {
  const time = new ManualTime();
  const states: string[] = [];
  const breaker = new CircuitBreaker(
    { ...defaultBreaker, consecutiveFaults: 3, ...options },
    time.now,
    (state) => states.push(state),
  );
  const run = (outcome: "ok" | "fault" | "ignored") => {
    const pass = breaker.allow();
    if (pass > 0) breaker.record(outcome, pass);
    return pass > 0;
  };
  return { time, breaker, states, run };
}

test("faults in a row open it; then nothing passes until its time", () => {
  const { time, breaker, run, states } = broken();
  run("fault");
  run("fault");
  run("ok");
  run("fault");
  run("ignored");
  run("fault");
  expect(breaker.state).toBe("closed");
  run("fault");
  expect(breaker.state).toBe("open");
  expect(breaker.reason).toBe("3 faults in a row");
  expect(breaker.remainingMs).toBe(10_000);
  expect(breaker.allow()).toBe(0);
  time.advance(9_999);
  expect(breaker.allow()).toBe(0);
  time.advance(1);
  expect(breaker.allow()).toBeGreaterThan(0);
  expect(states).toEqual(["open", "half_open"]);
});

test("a rate of errors opens it, once there are enough requests", () => {
  const { breaker, run } = broken({ consecutiveFaults: 0, minRequests: 10, errorRate: 0.3 });
  for (let i = 0; i < 9; i++) run(i % 3 === 0 ? "fault" : "ok");
  expect(breaker.state).toBe("closed");
  run("fault");
  expect(breaker.state).toBe("open");
  expect(breaker.reason).toBe("40 % of 10 requests failed");
});

test("half open: so many probes at a time, so many successes to close", () => {
  const { time, breaker, run, states } = broken({ maxProbes: 2, successes: 3 });
  for (let i = 0; i < 3; i++) run("fault");
  time.advance(10_000);
  const one = breaker.allow();
  const two = breaker.allow();
  expect(breaker.allow()).toBe(0);
  expect(breaker.allow()).toBe(0);
  breaker.record("ok", one);
  const three = breaker.allow();
  expect(three).toBeGreaterThan(0);
  expect(breaker.allow()).toBe(0);
  breaker.record("ignored", two);
  breaker.record("ok", three);
  expect(breaker.state).toBe("half_open");
  expect(run("ok")).toBe(true);
  expect(breaker.state).toBe("closed");
  expect(breaker.reason).toBeUndefined();
  expect(states).toEqual(["open", "half_open", "closed"]);
  run("fault");
  run("fault");
  expect(breaker.state).toBe("closed");
});

test("a probe that fails opens it for the whole time again", () => {
  const { time, breaker, run } = broken();
  for (let i = 0; i < 3; i++) run("fault");
  time.advance(15_000);
  expect(run("fault")).toBe(true);
  expect(breaker.state).toBe("open");
  expect(breaker.remainingMs).toBe(10_000);
  expect(breaker.reason).toBe("a probe failed");
  expect(breaker.opened).toBe(2);
});

test("what began before it opened neither closes nor opens it, nor takes the place of a probe", () => {
  const { time, breaker, run } = broken({ successes: 1 });
  const long = breaker.allow();
  const other = breaker.allow();
  for (let i = 0; i < 3; i++) run("fault");
  breaker.record("fault", other);
  expect(breaker.opened).toBe(1);
  time.advance(10_000);
  const probe = breaker.allow();
  breaker.record("ok", long);
  expect(breaker.state).toBe("half_open");
  expect(breaker.allow()).toBe(0);
  breaker.record("ok", probe);
  expect(breaker.state).toBe("closed");
});

test("a probe of an earlier trial is not one of this trial", () => {
  const { time, breaker, run } = broken({ maxProbes: 2, successes: 1 });
  for (let i = 0; i < 3; i++) run("fault");
  time.advance(10_000);
  const slow = breaker.allow();
  run("fault");
  time.advance(10_000);
  expect(breaker.state).toBe("half_open");
  breaker.record("ok", slow);
  expect(breaker.state).toBe("half_open");
  expect([breaker.allow() > 0, breaker.allow() > 0, breaker.allow() > 0]).toEqual([
    true,
    true,
    false,
  ]);
});

test("0 switches a rule off", () => {
  const { breaker, run } = broken({ consecutiveFaults: 0, errorRate: 0 });
  for (let i = 0; i < 500; i++) run("fault");
  expect(breaker.state).toBe("closed");
});
