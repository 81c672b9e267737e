import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { error } from "../../core/error.ts";
import { withTimeout } from "../../core/timeout.ts";
import { parseDuration } from "../../internal/parse-duration.ts";

const TimedOut = error(504, "timeout", "The answer took too long.");

/**
 * Bounds the time until an answer begins. After it the client gets 504 and `c.signal` is aborted: hand that
 * to `fetch`, queries and the like, so that the work ends too. What is answered later is dropped. Streams
 * may go on for as long as they like once they have begun.
 *
 * For one route there is `timeout` in its spec, which bounds the handler without the middleware around it.
 *
 * @param limit milliseconds, or a text such as `"30s"`
 * @throws RangeError at start when it is no duration, or longer than a timer can be (24.8 days)
 * @example
 * new App()
 *   .use(timeout("5s"))
 *   .get("/report", async ({ signal }) => (await fetch("http://reports.internal/", { signal })).text());
 */
export function timeout(limit: number | string): Middleware {
  const ms = parseDuration(limit);
  // A longer one would fire at once.
  if (ms < 1 || ms > 2 ** 31 - 1)
    throw new RangeError(`a timeout is 1 ms to 24.8 days, not ${ms} ms`);
  return middleware("timeout", (c, next) => withTimeout(ms, () => next())(c), {
    errors: [TimedOut],
  });
}
