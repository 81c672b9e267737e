import type { Context } from "../../core/context.ts";
import { error } from "../../core/error.ts";
import type { Middleware, Next } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import type { Reply } from "../../core/reply.ts";
import { onePiece } from "../../internal/one-piece.ts";
import { parseDuration } from "../../internal/parse-duration.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import type { Store } from "../../store/store.ts";
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
  /** Of the default store; beyond it who came longest ago is forgotten. Default 100,000. */
  maxKeys?: number;
  /** What happens while the store fails: `allow` (default) or `refuse` with 503. It is reported either way. */
  onStoreError?: "allow" | "refuse";
  /** Milliseconds since 1970; for tests. */
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
  const policy = onePiece(`"${name}";q=${limiter.quota};w=${seconds(limiter.windowMs)}`);

  const failed = (c: Context, failure: unknown): undefined => {
    c.report(failure);
    if (onStoreError === "refuse") throw new Unknown();
    return undefined;
  };
  const judge = (c: Context, key: string | undefined): Judged | Promise<Judged> => {
    if (key === undefined) return undefined;
    const used = checkCost(typeof cost === "function" ? cost(c) : cost);
    try {
      const verdict = limiter.take(`rate:${name}:${key}`, used);
      return verdict instanceof Promise ? verdict.catch((failure) => failed(c, failure)) : verdict;
    } catch (failure) {
      return failed(c, failure);
    }
  };
  const act = (c: Context, next: Next, verdict: Judged): Promise<Reply> => {
    if (verdict === undefined) return next();
    const { remaining, resetMs, allowed } = verdict;
    // Names, numbers and a name that was checked at start.
    const state = `"${name}";r=${remaining};t=${seconds(resetMs)}`;
    c.headers.flat.push("RateLimit-Policy", policy, "RateLimit", state);
    if (!allowed) throw refusal(name, limiter, verdict);
    return next();
  };

  return middleware(
    "rate-limit",
    (c, next) => {
      if (skip?.(c) === true) return next();
      const key = keyOf(c);
      // Most counts are in this process, and there nothing has to wait.
      const verdict = key instanceof Promise ? key.then((known) => judge(c, known)) : judge(c, key);
      return verdict instanceof Promise
        ? verdict.then((known) => act(c, next, known))
        : act(c, next, verdict);
    },
    { errors: [RateLimited], repliesOnly: true },
  );
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
  const { limit, algorithm = "sliding-window", burst = limit, now = Date.now } = options;
  for (const [what, value] of Object.entries({ limit, burst })) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new RangeError(`rateLimit: ${what} is a whole number from 1, not ${value}`);
  }
  const windowMs = parseDuration(options.window ?? "1m");
  if (windowMs < 1)
    throw new RangeError(`rateLimit: a window is 1 ms or longer, not ${windowMs} ms`);
  const { maxKeys = 100_000 } = options;
  // A sliding window needs two counters a client.
  const keys = algorithm === "sliding-window" ? maxKeys * 2 : maxKeys;
  const store = options.store ?? new MemoryStore({ maxKeys: keys, ...(options.now && { now }) });
  return algorithm === "token-bucket"
    ? new TokenBucket(burst, limit, windowMs, store, now)
    : new SlidingWindow(limit, windowMs, store, now);
}
