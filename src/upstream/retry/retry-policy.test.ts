import { describe, expect, test } from "bun:test";
import { backoffMs, waitBeforeRetry } from "./backoff.ts";
import { retryAfterMs } from "./retry-after.ts";
import { defaultRetry, RetryPolicy } from "./retry-policy.ts";

const policy = new RetryPolicy();
const attempt = (method: string, rest = {}) => ({ method, attempts: 1, replayable: true, ...rest });

describe("faults", () => {
  test.each([
    ["GET", "nothing", true],
    ["GET", "unanswered", true],
    ["GET", "some", true],
    ["DELETE", "some", true],
    ["QUERY", "some", true],
    ["POST", "nothing", true],
    ["POST", "unanswered", false],
    ["POST", "some", false],
    ["PATCH", "unanswered", false],
    ["get", "some", false],
    ["BREW", "some", false],
  ] as const)("%s of which the backend saw %s: %p", (method, seen, again) => {
    expect(policy.mayRetryFault(attempt(method), { code: "reset", seen })).toBe(again);
  });

  test.each(["cancelled", "total_timeout", "overloaded", "no_backend"])("%s is final", (code) => {
    expect(policy.mayRetryFault(attempt("GET"), { code, seen: "nothing" })).toBe(false);
  });

  test("not without its body, nor beyond the attempts", () => {
    const fault = { code: "connect_refused", seen: "nothing" } as const;
    expect(policy.mayRetryFault(attempt("PUT", { replayable: false }), fault)).toBe(false);
    expect(policy.mayRetryFault(attempt("GET", { attempts: 2 }), fault)).toBe(true);
    expect(policy.mayRetryFault(attempt("GET", { attempts: 3 }), fault)).toBe(false);
    const once = new RetryPolicy({ ...defaultRetry, attempts: 1 });
    expect(once.mayRetryFault(attempt("GET"), fault)).toBe(false);
  });
});

test("statuses: those that were chosen, of methods that may be repeated", () => {
  expect(
    [500, 502, 503, 504, 429].map((one) => policy.mayRetryStatus(attempt("GET"), one)),
  ).toEqual([false, true, true, true, false]);
  expect(policy.mayRetryStatus(attempt("POST"), 503)).toBe(false);
  expect(policy.mayRetryStatus(attempt("PUT", { replayable: false }), 503)).toBe(false);
  expect(new RetryPolicy({ attempts: 2, statuses: [] }).mayRetryStatus(attempt("GET"), 503)).toBe(
    false,
  );
});

test("waits are anything below a bound that doubles", () => {
  const options = { baseMs: 20, maxMs: 100 };
  expect([1, 2, 3, 4, 50].map((retry) => backoffMs(retry, options, () => 0.5))).toEqual([
    10, 20, 40, 50, 50,
  ]);
  expect(backoffMs(1, options, () => 0)).toBe(0);
  expect(backoffMs(9)).toBeLessThan(250);
});

test("Retry-After is honoured if there is time", () => {
  expect(waitBeforeRetry(30, undefined, Infinity)).toBe(30);
  expect(waitBeforeRetry(30, 2_000, 10_000)).toBe(2_000);
  expect(waitBeforeRetry(30, 0, 10_000)).toBe(30);
  expect(waitBeforeRetry(30, 2_000, 1_000)).toBeUndefined();
  expect(waitBeforeRetry(30, 120_000, Infinity)).toBeUndefined();
  expect(waitBeforeRetry(30, undefined, 30)).toBeUndefined();
});

test("Retry-After is seconds or a date", () => {
  const now = Date.UTC(2024, 0, 1);
  expect(retryAfterMs("120", now)).toBe(120_000);
  expect(retryAfterMs("0", now)).toBe(0);
  expect(retryAfterMs("Mon, 01 Jan 2024 00:00:05 GMT", now)).toBe(5_000);
  expect(retryAfterMs("Sun, 31 Dec 2023 00:00:05 GMT", now)).toBe(0);
  for (const nonsense of [undefined, "", "-1", "1.5", "soon", "9999999999"]) {
    expect(retryAfterMs(nonsense, now)).toBeUndefined();
  }
});
