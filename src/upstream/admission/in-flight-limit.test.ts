import { expect, test } from "bun:test";
import { ManualTime } from "../../../test/support/manual-time.ts";
import type { UpstreamFault } from "../fault.ts";
import { InFlightLimit } from "./in-flight-limit.ts";

function limit(max: number, queue: number, queueMs = 1_000) {
  const time = new ManualTime();
  const made = new InFlightLimit({ max, queue, queueMs }, time.now, time.schedule);
  const log: string[] = [];
  const wait = (name: string) =>
    made.wait(
      () => log.push(name),
      (fault: UpstreamFault) => log.push(`${name}: ${fault.message}`),
    );
  return { time, made, log, wait };
}

test("places are handed on in order", () => {
  const { time, made, log, wait } = limit(2, 3);
  expect([made.tryEnter(), made.tryEnter(), made.tryEnter()]).toEqual([true, true, false]);
  for (const name of ["a", "b", "c"]) wait(name);
  expect(() => wait("d")).toThrow("the upstream is busy: 2 requests are under way and 3 wait");
  expect(log).toEqual([]);
  made.leave();
  made.leave();
  expect(log).toEqual(["a", "b"]);
  expect([made.inFlight, made.queued, made.refused]).toEqual([2, 1, 1]);
  for (let i = 0; i < 3; i++) made.leave();
  expect(log).toEqual(["a", "b", "c"]);
  expect([made.inFlight, made.queued, time.waiting]).toEqual([0, 0, 0]);
});

test("nobody passes those that wait", () => {
  const { made, log, wait } = limit(1, 5);
  made.tryEnter();
  wait("a");
  expect(made.tryEnter()).toBe(false);
  made.leave();
  expect(log).toEqual(["a"]);
  expect(made.tryEnter()).toBe(false);
  made.leave();
  expect(made.tryEnter()).toBe(true);
});

test("whoever waits too long is told so, and loses the place", () => {
  const { time, made, log, wait } = limit(1, 2);
  made.tryEnter();
  wait("a");
  time.advance(500);
  wait("b");
  time.advance(500);
  expect(log).toEqual(["a: the upstream is busy: no place came free in 1000 ms"]);
  made.leave();
  expect(log.at(-1)).toBe("b");
  expect([made.inFlight, made.queued, made.refused, time.waiting]).toEqual([1, 0, 1, 0]);
});

test("whoever gives up is told nothing", () => {
  const { time, made, log, wait } = limit(1, 2);
  made.tryEnter();
  const a = wait("a");
  wait("b");
  a.cancel();
  a.cancel();
  expect(made.queued).toBe(1);
  wait("c");
  made.leave();
  a.cancel();
  expect(log).toEqual(["b"]);
  made.leave();
  made.leave();
  expect([made.inFlight, made.queued, time.waiting]).toEqual([0, 0, 0]);
  expect(log).toEqual(["b", "c"]);
});

test("without a queue, what finds no place is refused as overloaded", () => {
  const { made, wait } = limit(1, 0);
  made.tryEnter();
  let fault: UpstreamFault | undefined;
  try {
    wait("a");
  } catch (error) {
    fault = error as UpstreamFault;
  }
  expect(fault?.code).toBe("overloaded");
  expect(fault?.status).toBe(503);
  expect(fault?.seen).toBe("nothing");
});

test("0 is no limit", () => {
  const { made } = limit(0, 0);
  for (let i = 0; i < 10_000; i++) expect(made.tryEnter()).toBe(true);
  made.leave();
  expect(made.inFlight).toBe(9_999);
});

test("Retry-After follows the pace of the queue", () => {
  const { time, made, wait } = limit(1, 100, 0);
  expect(made.retryAfterSecs).toBe(1);
  made.tryEnter();
  for (let i = 0; i < 30; i++) wait(String(i));
  for (let i = 0; i < 10; i++) {
    time.advance(400);
    made.leave();
  }
  expect(made.queued).toBe(20);
  expect(made.retryAfterSecs).toBe(9);
  for (let i = 0; i < 5; i++) {
    time.advance(1_000_000);
    made.leave();
  }
  expect(made.retryAfterSecs).toBe(60);
});

test("many that come and go leave nothing behind", () => {
  const { time, made, log, wait } = limit(1, 10);
  made.tryEnter();
  wait("first");
  for (let i = 0; i < 100_000; i++) wait("x").cancel();
  expect([made.queued, time.waiting]).toEqual([1, 1]);
  made.leave();
  expect(log).toEqual(["first"]);
});
