import { expect, test } from "bun:test";
import { MemoryStore } from "./memory-store.ts";
import { WindowCounters } from "./window-counters.ts";

/** Counts once, and tells what there is. */
function count(counters: WindowCounters, index: number, key: string): [number, number] {
  const found = counters.at(index, key);
  found.current++;
  return [found.current, found.before];
}

test("a key is counted in this window and known of the last one", () => {
  const counters = new WindowCounters(10);
  expect(count(counters, 7, "a")).toEqual([1, 0]);
  expect(count(counters, 7, "a")).toEqual([2, 0]);
  expect(count(counters, 8, "a")).toEqual([1, 2]);
  expect(count(counters, 8, "b")).toEqual([1, 0]);
  expect(count(counters, 9, "b")).toEqual([1, 1]);
  expect(count(counters, 9, "a")).toEqual([1, 1]);
});

test("after a window without anybody, or a clock that was set back, all begins anew", () => {
  const counters = new WindowCounters(10);
  count(counters, 5, "a");
  expect(count(counters, 7, "a")).toEqual([1, 0]);
  expect(count(counters, 6, "a")).toEqual([1, 0]);
  expect(counters.size).toBe(1);
});

test("of too many keys the one that was counted first is forgotten, in each window", () => {
  const counters = new WindowCounters(3);
  for (const key of ["a", "b", "c", "d"]) count(counters, 1, key);
  expect(counters.size).toBe(3);
  expect(count(counters, 1, "d")).toEqual([2, 0]);
  expect(count(counters, 1, "a")).toEqual([1, 0]);
  for (let i = 0; i < 100; i++) count(counters, 2, `key-${i}`);
  expect(counters.size).toBe(6);
});

test("a store gives one set of counters to all who ask for a name, and drops it when nobody has it", () => {
  const store = new MemoryStore({ maxKeys: 5 });
  const one = store.windowCounters("a");
  expect(store.windowCounters("a")).toBe(one);
  expect(store.windowCounters("b")).not.toBe(one);
  count(one, 1, "key");
  expect(store.size).toBe(1);
  (() => {
    for (let i = 0; i < 2_000; i++) count(store.windowCounters(`once-${i}`), 1, "key");
  })();
  Bun.gc(true);
  store.windowCounters("another");
  expect(store.size).toBeLessThan(1_000);
  expect(store.windowCounters("a")).toBe(one);
});
