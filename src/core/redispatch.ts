import type { Context } from "./context.ts";
import { HttpError } from "./errors.ts";
import type { ErrorReport, Exchange } from "./exchange.ts";
import type { Reply } from "./reply.ts";

/** Where a request that is routed anew comes from. */
export interface Origin {
  readonly context: Context;
  /** Middleware it has been through, which does not run again. */
  readonly passed: ReadonlySet<unknown>;
}

/** Each time costs a run through the table, and all that stands around what it found. */
const MOST_HOPS = 10;

/** Routes an exchange anew; every compiled route has the one of the App that it was found in. */
export type Redispatch = (
  exchange: Exchange,
  report: ErrorReport | undefined,
  origin: Origin,
) => Reply | Promise<Reply>;

/**
 * Routes a request anew with another method or address, from within a middleware.
 *
 * Middleware that it has been through already, `layer` included, does not run a second time, so limits are
 * not counted twice and no rules can send a request round for ever. What is inside finds the same `c.vars`,
 * `c.forwarded`, `c.signal` and pending headers; errors there have become replies.
 *
 * @param layer the middleware that asks
 * @throws HttpError 508 when this has been done ten times already
 */
export function redispatch(c: Context, exchange: Exchange, layer: unknown): Reply | Promise<Reply> {
  const again = c.route.redispatch;
  if (again === undefined) throw new TypeError("only a request that an App routes can be rerouted");
  if (c.hops >= MOST_HOPS) {
    throw new HttpError(508, "routed_in_circles", "This address leads nowhere.");
  }
  const passed = new Set<unknown>(c.passed);
  const { use } = c.route;
  for (let i = 0, end = use.indexOf(layer as never); i < end; i++) passed.add(use[i]);
  passed.add(layer);
  const { exchange: arrived, reporter } = c;
  // Logs name the request as it arrived.
  const report: ErrorReport | undefined =
    reporter && ((error, _rerouted, id) => reporter(error, arrived, id));
  return again(exchange, report, { context: c, passed });
}
