import { expect, test } from "bun:test";
import { ManualTime } from "../../../test/support/manual-time.ts";
import type { EjectionOptions } from "./passive-ejection.ts";
import { defaultEjection, EjectionGroup } from "./passive-ejection.ts";

function group(count: number, options: Partial<EjectionOptions> = {}) {
  const time = new ManualTime();
  const made = new EjectionGroup({ ...defaultEjection, ...options }, time.now);
  const changes: string[] = [];
  const members = Array.from({ length: count }, (_, i) =>
    made.add((ejected) => changes.push(`${i} ${ejected ? "out" : "in"}`)),
  );
  const fail = (i: number, times = 5) => {
    for (let n = 0; n < times; n++) members[i]?.record(true);
  };
  return { time, made, members, changes, fail, out: () => members.map(({ ejected }) => ejected) };
}

test("five faults in a row eject, a good one between begins anew", () => {
  const { members, fail, out } = group(2);
  fail(0, 4);
  members[0]?.record(false);
  fail(0, 4);
  expect(out()).toEqual([false, false]);
  fail(0, 1);
  expect(out()).toEqual([true, false]);
  expect(members[0]?.reason).toBe("5 faults in a row");
  expect(members[0]?.remainingMs).toBe(10_000);
});

test("each ejection is twice as long, up to the most, and good times are remembered", () => {
  const { time, members, fail, changes } = group(2, { baseMs: 1_000, maxMs: 5_000 });
  const lengths: number[] = [];
  for (let i = 0; i < 5; i++) {
    fail(0);
    lengths.push(members[0]?.remainingMs as number);
    time.advance(members[0]?.remainingMs as number);
    expect(members[0]?.ejected).toBe(false);
    expect(members[0]?.remainingMs).toBe(0);
  }
  expect(lengths).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  expect(members[0]?.ejections).toBe(5);
  expect(changes.slice(0, 4)).toEqual(["0 out", "0 in", "0 out", "0 in"]);
  time.advance(5_001);
  fail(0);
  expect(members[0]?.remainingMs).toBe(1_000);
});

test("a rate of errors ejects once there are enough requests", () => {
  const { time, members } = group(2, { consecutiveFaults: 0, errorRate: 0.5, minRequests: 10 });
  for (let i = 0; i < 9; i++) members[0]?.record(i % 2 === 0);
  expect(members[0]?.ejected).toBe(false);
  // What is older than the window does not count.
  time.advance(11_000);
  members[0]?.record(true);
  expect(members[0]?.ejected).toBe(false);
  for (let i = 0; i < 9; i++) members[0]?.record(i % 2 === 1);
  expect(members[0]?.reason).toBeUndefined();
  members[0]?.record(true);
  expect(members[0]?.reason).toBe("55 % of 11 requests failed");
});

test("no more than their share is ejected at a time", () => {
  const { time, fail, out } = group(4, { maxShare: 0.5 });
  for (let i = 0; i < 4; i++) fail(i);
  expect(out()).toEqual([true, true, false, false]);
  time.advance(10_000);
  fail(2);
  expect(out()).toEqual([false, false, true, false]);
});

test("of two backends one may go, the only one never", () => {
  const pair = group(2, { maxShare: 0.1 });
  pair.fail(0);
  pair.fail(1);
  expect(pair.out()).toEqual([true, false]);
  const single = group(1, { maxShare: 1 });
  single.fail(0, 50);
  expect(single.out()).toEqual([false]);
});

test("what ends after the ejection does not prolong it", () => {
  const { time, fail, members } = group(2);
  fail(0, 50);
  expect(members[0]?.ejections).toBe(1);
  time.advance(10_000);
  fail(0, 4);
  expect(members[0]?.ejected).toBe(false);
});

test("a backend that is removed counts no more", () => {
  const { made, members, fail, out } = group(3, { maxShare: 0.5 });
  fail(0);
  fail(1);
  expect(out()).toEqual([true, false, false]);
  made.remove(members[0] as (typeof members)[0]);
  fail(1);
  expect(out()).toEqual([true, true, false]);
});

test("0 switches a rule off", () => {
  const { fail, out } = group(2, { consecutiveFaults: 0, errorRate: 0 });
  fail(0, 100);
  expect(out()).toEqual([false, false]);
});
