import { expect, test } from "bun:test";
import { createControl, createSlotMemory, DeadlineSlot, WatchedSlot } from "./deadline-slot.ts";

const FAR = 1e12;

function slot() {
  const cell = createSlotMemory();
  return {
    slot: new DeadlineSlot(cell, createControl(), 0),
    watched: new WatchedSlot(cell.buffer),
  };
}

/** As if the guest had had a processor all the time: far beyond any time by the clock on the wall. */
const LATER = 1e9;

test("nothing is stopped that does not run", () => {
  const { slot: one, watched } = slot();
  expect(watched.look(LATER)).toBe(Infinity);
  one.begin(10, FAR);
  expect(one.end()).toBeUndefined();
  expect(watched.look(LATER)).toBe(Infinity);
  expect(one.stopped()).toBe(false);
});

test("what runs too long is stopped, and says which bound it was", () => {
  const { slot: one, watched } = slot();
  one.begin(10, FAR);
  const next = watched.look(one.now());
  expect(next).toBeGreaterThan(one.now());
  expect(one.stopped()).toBe(false);
  watched.look(LATER);
  expect(one.stopped()).toBe(true);
  expect(one.end()).toBe("cpuTimeout");
  const deadline = one.now() + 100;
  expect(one.begin(10, deadline)).toBe(true);
  while (one.now() < deadline);
  watched.look(LATER);
  expect(one.end()).toBe("callTimeout");
  expect(one.begin(10, one.now())).toBe(false);
  expect(watched.look(LATER)).toBe(Infinity);
});

test("a watchdog whose clock is ahead stops a call by the bound that was nearer", () => {
  const { slot: one, watched } = slot();
  const deadline = one.now() + 1_000;
  one.begin(60_000, deadline);
  watched.look(deadline + 0.1);
  expect(one.stopped()).toBe(true);
  expect(one.end()).toBe("callTimeout");
});

test("a stop is for one call: the next begins afresh", () => {
  const { slot: one, watched } = slot();
  one.begin(10, FAR);
  watched.look(LATER);
  expect(one.end()).toBe("cpuTimeout");
  one.begin(10, FAR);
  expect(one.stopped()).toBe(false);
  expect(one.end()).toBeUndefined();
});

test("a guest that waits for its host is not stopped, and one that was stays so", () => {
  const { slot: one, watched } = slot();
  one.begin(10, FAR);
  one.pause();
  watched.look(LATER);
  expect(one.stopped()).toBe(false);
  one.resume();
  watched.look(LATER);
  one.pause();
  expect(one.stopped()).toBe(true);
  one.resume();
  expect(one.stopped()).toBe(true);
  expect(one.end()).toBe("cpuTimeout");
});
