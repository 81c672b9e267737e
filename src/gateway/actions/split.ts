import type { RouteConfig } from "../../config/schema/config.ts";
import type { Context } from "../../core/context.ts";
import type { Handler } from "../../core/handler.ts";
import type { Reply } from "../../core/reply.ts";
import { parseCookies, serializeCookie } from "../../http/cookie.ts";
import { hashKey } from "../../upstream/balance/hash-key.ts";
import type { Split } from "../traffic/split.ts";

type SplitAction = Extract<RouteConfig["action"], { type: "split" }>;

/** Longer values are told apart by their beginning. */
const MOST_VALUE = 256;

/**
 * Passes each request to one side.
 * @param sides in the order of the choices
 */
export function splitAction(
  action: SplitAction,
  split: Split,
  sides: readonly Handler<Context, Reply>[],
): Handler {
  const point = pointOf(action, split.name);
  return (c) => {
    const side = split.at(point(c));
    const reply = (sides[side] as Handler<Context, Reply>)(c);
    if (!(reply instanceof Promise)) {
      split.count(side, reply.status);
      return reply;
    }
    return reply.then(
      (settled) => {
        split.count(side, settled.status);
        return settled;
      },
      (error: unknown) => {
        split.count(side, (error as { status?: number } | undefined)?.status ?? 500);
        throw error;
      },
    );
  };
}

/** Where a request stands, from 0 to below 1: the same for the same client where it is sticky. */
function pointOf({ sticky }: SplitAction, name: string): (c: Context) => number {
  // Two splits do not send the same clients to their canaries.
  const hashed = (value: string): number =>
    hashKey(`${name}\0${value.slice(0, MOST_VALUE)}`) / 2 ** 32;
  if (sticky?.header !== undefined) {
    const { header } = sticky;
    return (c) => {
      const value = c.exchange.headers.joined(header);
      return value === null || value === "" ? Math.random() : hashed(value);
    };
  }
  if (sticky?.cookie === undefined) return Math.random;
  const { cookie, max_age_secs: maxAge, set_cookie: set } = sticky;
  const needsTls = /^__(?:host|secure)-/i.test(cookie);
  return (c) => {
    const sent = parseCookies(c.exchange.headers.getAll("cookie").join("; "));
    const value = sent.find(([other]) => other === cookie)?.[1] ?? "";
    if (value !== "") return hashed(value);
    const secure = c.scheme === "https";
    if (!set || (needsTls && !secure)) return Math.random();
    const made = crypto.randomUUID();
    const attributes = { maxAge, path: "/", httpOnly: true, sameSite: "lax" as const, secure };
    c.headers.append("set-cookie", serializeCookie(cookie, made, attributes));
    return hashed(made);
  };
}
