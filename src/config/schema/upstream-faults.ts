import * as z from "zod";
import { defaultBreaker } from "../../upstream/breaker/circuit-breaker.ts";
import { defaultEjection } from "../../upstream/outlier/passive-ejection.ts";
import { defaultBackoff } from "../../upstream/retry/backoff.ts";
import { defaultRetryBudget } from "../../upstream/retry/retry-budget.ts";
import { defaultRetry } from "../../upstream/retry/retry-policy.ts";
import { field } from "./field.ts";

const DAY_MS = 86_400_000;
const percent = z.int().min(0).max(100);
const count = z.int().min(0).max(1_000_000);

/** `[upstream.retry]` */
export const retry = z.strictObject({
  attempts: field(z.int().min(1).max(10).default(defaultRetry.attempts), {
    description: "Attempts for a request in all, the first one counted. 1 = no retries.",
    example: "2",
  }),
  statuses: field(z.array(z.int().min(400).max(599)).default([...defaultRetry.statuses]), {
    description:
      "Statuses after which another backend is asked, if the method may be repeated (GET, HEAD, OPTIONS, PUT, DELETE …).",
    example: "[502, 503]",
  }),
  budget_percent: field(percent.default(Math.round(defaultRetryBudget.ratio * 100)), {
    description:
      "Retries there may be for a hundred requests, so that retries do not make an outage worse.",
    example: "10",
  }),
  min_per_sec: field(count.default(defaultRetryBudget.minPerSecond), {
    description: "Retries a second that are free, for when there are few requests.",
    example: "1",
  }),
  backoff_ms: field(z.int().min(0).max(60_000).default(defaultBackoff.baseMs), {
    description:
      "The most milliseconds that are waited before the first retry; each further one may wait twice as long.",
    example: "50",
  }),
  max_backoff_ms: field(z.int().min(0).max(60_000).default(defaultBackoff.maxMs), {
    description: "The most milliseconds that are waited before any retry.",
    example: "1000",
  }),
  replay_bytes: field(
    z
      .int()
      .min(0)
      .max(64 * 1024 * 1024)
      .default(65_536),
    {
      description:
        "Bytes of a request body that are kept to be sent again. Longer bodies are not repeated.",
      example: "1048576",
    },
  ),
});

/** `[upstream.breaker]`: on when the table is there. */
export const breaker = z.strictObject({
  consecutive_faults: field(count.default(defaultBreaker.consecutiveFaults), {
    description: "Faults in a row that open the breaker of a backend. 0 = never for that.",
    example: "5",
  }),
  error_percent: field(percent.default(defaultBreaker.errorRate * 100), {
    description: "Faults in a hundred requests within the window that open it. 0 = never for that.",
    example: "30",
  }),
  min_requests: field(count.min(1).default(defaultBreaker.minRequests), {
    description: "Requests within the window below which error_percent says nothing.",
    example: "20",
  }),
  window_ms: field(z.int().min(100).max(DAY_MS).default(defaultBreaker.windowMs), {
    description: "Milliseconds of the window.",
    example: "30000",
  }),
  open_ms: field(z.int().min(1).max(DAY_MS).default(defaultBreaker.openMs), {
    description: "Milliseconds it stays open before requests are let through on trial.",
    example: "5000",
  }),
  max_probes: field(count.min(1).default(defaultBreaker.maxProbes), {
    description: "Requests on trial that may be under way at a time.",
    example: "3",
  }),
  successes: field(count.min(1).default(defaultBreaker.successes), {
    description: "Requests on trial that must end well to close it.",
    example: "1",
  }),
});

/** `[upstream.ejection]`: on when the table is there. */
export const ejection = z.strictObject({
  consecutive_faults: field(count.default(defaultEjection.consecutiveFaults), {
    description:
      "Faults and answers of 5xx in a row after which a backend is left alone for a while. 0 = never for that.",
    example: "3",
  }),
  error_percent: field(percent.default(defaultEjection.errorRate * 100), {
    description:
      "Faults and 5xx in a hundred requests within the window for the same. 0 = never for that.",
    example: "30",
  }),
  min_requests: field(count.min(1).default(defaultEjection.minRequests), {
    description: "Requests within the window below which error_percent says nothing.",
    example: "50",
  }),
  window_ms: field(z.int().min(100).max(DAY_MS).default(defaultEjection.windowMs), {
    description: "Milliseconds of the window.",
    example: "30000",
  }),
  base_ms: field(z.int().min(1).max(DAY_MS).default(defaultEjection.baseMs), {
    description: "Milliseconds of the first ejection. Each further one is twice as long.",
    example: "5000",
  }),
  max_ms: field(z.int().min(1).max(DAY_MS).default(defaultEjection.maxMs), {
    description: "Milliseconds of the longest ejection.",
    example: "60000",
  }),
  max_percent: field(percent.default(defaultEjection.maxShare * 100), {
    description:
      "The part of the backends that may be ejected at a time. One of several may always be.",
    example: "30",
  }),
});
