import type { Context } from "../../core/context.ts";
import { error } from "../../core/error.ts";
import type { Middleware } from "../../core/middleware.ts";
import { steps } from "../../core/steps.ts";
import { onePiece } from "../../internal/one-piece.ts";
import { parseDuration } from "../../internal/parse-duration.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import type { Store } from "../../store/store.ts";
import { isImmediate } from "../../store/store.ts";
import type { RateLimitKey } from "./client-key.ts";
import { compileKey } from "./client-key.ts";
import type { Limiter, Verdict } from "./limiter.ts";
import { SlidingWindow } from "./sliding-window.ts";
import { TokenBucket } from "./token-bucket.ts";

/** How much, in what time, of whom. */
export interface RateLimitOptions {
  /** Requests in a window: a whole number from 1. */
  limit: number;
  /** Milliseconds, or `"1m"` (default). */
  window?: number | string;
  /**
   * `sliding-window` (default): at most `limit` in any window. `token-bucket`: `burst` at once, and `limit`
   * more in each window, evenly.
   */
  algorithm?: "sliding-window" | "token-bucket";
  /** What a token bucket holds. Default `limit`. */
  burst?: number;
  /** Who is counted. Default `client`: the address, which behind a proxy needs `trustedProxy` around this. */
  key?: RateLimitKey;
  /** The part of an IPv6 address that makes a client. Bits; default 64. */
  ipv6Prefix?: number;
  /** What a request uses up: a whole number. Default 1. */
  cost?: number | ((c: Context) => number);
  /** Requests that are not counted. */
  skip?: (c: Context) => boolean;
  /** In the `RateLimit` fields, and in the store's keys: limits of one name in one store are one limit. Default `default`. */
  name?: string;
  /** Where counts are kept. Default in this process, for at most `maxKeys` clients. */
  store?: Store;
  /** Of the default store; beyond it who came first is forgotten. Default 100,000. */
  maxKeys?: number;
  /** What happens while the store fails: `allow` (default) or `refuse` with 503. It is reported either way. */
  onStoreError?: "allow" | "refuse";
  /** Milliseconds; for tests. */
  now?: () => number;
}

const RateLimited = error(429, "rate_limited");
const Unknown = error(
  503,
  "rate_limit_unknown",
  "It cannot be told now how much you have asked for.",
);

/**
 * Limits how often clients may ask; beyond it they get 429 with `Retry-After`.
 *
 * Every answer has `RateLimit-Policy` (`"default";q=100;w=60`: the quota and its window in seconds) and
 * `RateLimit` (`"default";r=42;t=17`: what is left, and the seconds until there is more), as in
 * draft-ietf-httpapi-ratelimit-headers from its version 08. Several limits each add theirs.
 *
 * What is refused is not counted. Keys from a field that clients choose freely let them be somebody new each
 * time: limit by address as well.
 *
 * @throws RangeError at start on a limit, burst or window that cannot be; TypeError on a bad name
 * @example
 * new App()
 *   .use(rateLimit({ limit: 100, window: "1m" }))
 *   .get("/", () => "hello");
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const { name = "default", skip, cost = 1, onStoreError = "allow" } = options;
  if (!/^[A-Za-z0-9_.*-]{1,64}$/.test(name)) {
    throw new TypeError(`rateLimit: name ${JSON.stringify(name)}: use letters, digits and _.*-`);
  }
  const limiter = makeLimiter(options);
  const keyOf = compileKey(options.key ?? "client", options.ipv6Prefix ?? 64);
  const label = onePiece(`"${name}";r=`);
  const policy = onePiece(`"${name}";q=${limiter.quota};w=${seconds(limiter.windowMs)}`);

  // Mostly the same as for the request before.
  let lastWait = 0;
  let ending = "";

  const failed = (c: Context, failure: unknown): undefined => {
    c.report(failure);
    if (onStoreError === "refuse") throw new Unknown();
    return undefined;
  };
  const judge = (c: Context, key: string | undefined): void | Promise<void> => {
    if (key === undefined) return undefined;
    const used = checkCost(typeof cost === "function" ? cost(c) : cost);
    let verdict: Judged | Promise<Judged>;
    try {
      verdict = limiter.take(key, used, c.exchange.receivedAt);
    } catch (failure) {
      verdict = failed(c, failure);
    }
    // Most counts are in this process, and there nothing has to wait.
    return verdict instanceof Promise ? actLater(c, verdict) : act(c, verdict);
  };
  const act = (c: Context, verdict: Judged): void => {
    if (verdict === undefined) return;
    const { remaining, resetMs, allowed } = verdict;
    // Names, numbers and a name that was checked at start.
    const wait = seconds(resetMs);
    if (wait !== lastWait) {
      lastWait = wait;
      ending = onePiece(`;t=${wait}`);
    }
    const state = label + remaining + ending;
    c.headers.flat.push("RateLimit-Policy", policy, "RateLimit", state);
    if (!allowed) throw refusal(name, limiter, verdict);
  };
  const actLater = (c: Context, verdict: Promise<Judged>): Promise<void> =>
    verdict.catch((failure: unknown) => failed(c, failure)).then((known) => act(c, known));
  const judgeLater = (c: Context, key: Promise<string | undefined>): Promise<void> =>
    key.then((known) => judge(c, known));
  const enter = (c: Context): void | Promise<void> => {
    if (skip?.(c) === true) return undefined;
    const key = keyOf(c);
    return key instanceof Promise ? judgeLater(c, key) : judge(c, key);
  };
  return steps("rate-limit", { enter }, { errors: [RateLimited] });
}

/** Undefined: not counted. */
type Judged = Verdict | undefined;

/** Rounded up, as who comes at that time must not be early; but not for an error of the last digit. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000 - 1e-9));
}

function refusal(name: string, { quota, windowMs }: Limiter, { retryMs }: Verdict): Error {
  const wait = seconds(retryMs);
  const message = `There may be ${quota} requests in ${seconds(windowMs)} s. Come again in ${wait} s.`;
  return new RateLimited(message, {
    headers: { "Retry-After": String(wait) },
    members: { "violated-policies": [name] },
  });
}

function checkCost(cost: number): number {
  if (Number.isSafeInteger(cost) && cost >= 0) return cost;
  throw new RangeError(`rateLimit: a cost is a whole number from 0, not ${cost}`);
}

/** @throws RangeError */
function makeLimiter(options: RateLimitOptions): Limiter {
  const { limit, algorithm = "sliding-window", burst = limit, maxKeys = 100_000 } = options;
  for (const [what, value] of Object.entries({ limit, burst })) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new RangeError(`rateLimit: ${what} is a whole number from 1, not ${value}`);
  }
  const windowMs = parseDuration(options.window ?? "1m");
  if (windowMs < 1)
    throw new RangeError(`rateLimit: a window is 1 ms or longer, not ${windowMs} ms`);
  const store =
    options.store ?? new MemoryStore({ maxKeys, ...(options.now && { now: options.now }) });
  const name = `rate:${options.name ?? "default"}`;
  return algorithm === "token-bucket"
    ? new TokenBucket(burst, limit, windowMs, store, name, options.now ?? Date.now)
    : new SlidingWindow(limit, windowMs, store, name, options.now ?? clockOf(store));
}

/** Processes agree on the time of day alone, which may be set; within one there is a clock that only goes on. */
function clockOf(store: Store): (receivedAt: number) => number {
  if (!isImmediate(store)) return Date.now;
  return (receivedAt) => (receivedAt === 0 ? performance.now() : receivedAt);
}
