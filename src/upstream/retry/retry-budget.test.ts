import { expect, test } from "bun:test";
import { ManualTime } from "../../../test/support/manual-time.ts";
import { defaultRetryBudget, RetryBudget } from "./retry-budget.ts";

test("with everything failing, retries are a fifth of the requests and the free ones", () => {
  const time = new ManualTime();
  const budget = new RetryBudget(defaultRetryBudget, time.now);
  let retries = 0;
  for (let i = 0; i < 10_000; i++) {
    budget.request();
    while (budget.take()) retries++;
    time.advance(10);
  }
  // 100 seconds: 2000 of the ratio, 300 free, 3 at the start.
  expect(retries).toBeWithin(2_200, 2_304);
  expect(budget.denied).toBe(10_000);
});

test("a quiet upstream has three a second", () => {
  const time = new ManualTime();
  const budget = new RetryBudget(defaultRetryBudget, time.now);
  const taken = () => Array.from({ length: 10 }, () => budget.take()).filter(Boolean).length;
  expect(taken()).toBe(3);
  expect(taken()).toBe(0);
  time.advance(500);
  expect(taken()).toBe(1);
  time.advance(3_600_000);
  expect(taken()).toBe(3);
});

test("what was saved up is forgotten", () => {
  const time = new ManualTime();
  const budget = new RetryBudget({ ...defaultRetryBudget, minPerSecond: 0 }, time.now);
  for (let i = 0; i < 1_000; i++) budget.request();
  time.advance(30_000);
  let retries = 0;
  while (budget.take()) retries++;
  expect(retries).toBeWithin(8, 12);
});

test("no ratio and no free ones: no retries", () => {
  const budget = new RetryBudget({ ratio: 0, minPerSecond: 0, windowMs: 1_000 }, () => 0);
  for (let i = 0; i < 100; i++) budget.request();
  expect(budget.take()).toBe(false);
});
