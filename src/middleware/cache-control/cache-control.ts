import type { Context } from "../../core/context.ts";
import type { Reply } from "../../core/reply.ts";
import type { Middleware } from "../../core/middleware.ts";
import { steps } from "../../core/steps.ts";
import { parseDuration } from "../../internal/parse-duration.ts";
import { changeable, replyField } from "../reply-fields.ts";

/** Directives of RFC 9111 5.2.2, RFC 5861 and RFC 8246. Times are milliseconds, or texts such as `"1h"`. */
export interface CacheControlOptions {
  /** Shared caches may keep it. */
  public?: boolean;
  /** Only the client's own cache may keep it. */
  private?: boolean;
  /** Nobody may keep it. */
  noStore?: boolean;
  /** Whoever keeps it must ask before using it. */
  noCache?: boolean;
  /** How long it is fresh. */
  maxAge?: number | string;
  /** The same for shared caches. */
  sMaxAge?: number | string;
  /** How long an old answer may be used while a new one is fetched. */
  staleWhileRevalidate?: number | string;
  /** How long an old answer may be used when a new one cannot be had. */
  staleIfError?: number | string;
  /** An old answer must not be used without asking. */
  mustRevalidate?: boolean;
  proxyRevalidate?: boolean;
  mustUnderstand?: boolean;
  /** Nobody may compress or change it on its way. */
  noTransform?: boolean;
  /** It will never change while it is fresh. */
  immutable?: boolean;
}

/**
 * Says how long answers may be kept: those of GET and HEAD with a status of success, 301, 304 or 308
 * that say nothing about it themselves. Errors say nothing.
 *
 * An answer that sets a cookie is never marked as fit for shared caches: it gets `private, no-cache` in
 * place of what you gave, unless that was stricter.
 *
 * @throws TypeError at start when directives contradict each other, RangeError when a time is none
 * @example
 * new App().group([cacheControl({ public: true, maxAge: "1h", staleWhileRevalidate: "1d" })], (inner) =>
 *   inner.get("/prices", () => [1, 2, 3]),
 * );
 */
export function cacheControl(options: CacheControlOptions): Middleware {
  const value = formatCacheControl(options);
  const shared = options.noStore !== true && options.private !== true;
  const leave = (c: Context, reply: Reply): Reply => {
    if ((c.method !== "GET" && c.method !== "HEAD") || !KEPT.has(reply.status)) return reply;
    if (replyField(c, reply, "cache-control") !== null) return reply;
    const own = changeable(reply);
    const personal = shared && replyField(c, reply, "set-cookie") !== null;
    own.headers.set("Cache-Control", personal ? "private, no-cache" : value);
    return own;
  };
  return steps("cache-control", { leave });
}

const KEPT = new Set([200, 203, 204, 206, 301, 304, 308]);

/** @throws TypeError, RangeError */
function formatCacheControl(options: CacheControlOptions): string {
  const { maxAge, sMaxAge } = options;
  const contradicts = (a: boolean | undefined, b: unknown, names: string): void => {
    if (a === true && b !== undefined && b !== false) {
      throw new TypeError(`cacheControl: ${names} contradict each other, leave one out`);
    }
  };
  contradicts(options.public, options.private, "public and private");
  contradicts(options.noStore, maxAge, "noStore and maxAge");
  contradicts(options.noStore, sMaxAge, "noStore and sMaxAge");
  contradicts(options.noStore, options.public, "noStore and public");
  contradicts(options.private, sMaxAge, "private and sMaxAge");
  const directives: string[] = [];
  for (const [key, name] of FLAGS) if (options[key] === true) directives.push(name);
  for (const [key, name] of TIMES) {
    const time = options[key];
    if (time === undefined) continue;
    // RFC 9111 1.2.2: recipients take 2^31 for the longest there is.
    directives.push(`${name}=${Math.min(Math.floor(parseDuration(time) / 1000), 2 ** 31)}`);
  }
  if (directives.length === 0) throw new TypeError("cacheControl says nothing: give a directive");
  return directives.join(", ");
}

const FLAGS = [
  ["public", "public"],
  ["private", "private"],
  ["noStore", "no-store"],
  ["noCache", "no-cache"],
  ["mustRevalidate", "must-revalidate"],
  ["proxyRevalidate", "proxy-revalidate"],
  ["mustUnderstand", "must-understand"],
  ["noTransform", "no-transform"],
  ["immutable", "immutable"],
] as const;

const TIMES = [
  ["maxAge", "max-age"],
  ["sMaxAge", "s-maxage"],
  ["staleWhileRevalidate", "stale-while-revalidate"],
  ["staleIfError", "stale-if-error"],
] as const;
