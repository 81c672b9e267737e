import { expect, test } from "bun:test";
import { PathSet } from "./path-set.ts";

test("a path is covered by a member at or around it, and touched by one in it too", () => {
  const set = new PathSet();
  expect([set.covers([]), set.touches([])]).toEqual([false, false]);
  set.add(["route", 1, "match"]);
  const ask = (path: (string | number)[]) => [set.covers(path), set.touches(path)];
  expect(ask(["route", 1, "match"])).toEqual([true, true]);
  expect(ask(["route", 1, "match", "host", 0])).toEqual([true, true]);
  expect(ask(["route", 1])).toEqual([false, true]);
  expect(ask([])).toEqual([false, true]);
  expect(ask(["route", 1, "action"])).toEqual([false, false]);
  expect(ask(["route", 11])).toEqual([false, false]);
  expect(ask(["route", "1"])).toEqual([false, false]);
});
