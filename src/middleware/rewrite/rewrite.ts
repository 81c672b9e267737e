import type { Context } from "../../core/context.ts";
import { DerivedExchange } from "../../core/derived-exchange.ts";
import { error } from "../../core/error.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { redispatch } from "../../core/redispatch.ts";
import { redirectReply } from "../../core/replies.ts";
import type { Rewritten, RewriteRule } from "./rewrite-rule.ts";
import { compileRewrite } from "./rewrite-rule.ts";

/** More about a {@link rewrite}. */
export interface RewriteOptions {
  /** Whether the request's query goes on, behind that of the rule. Default `keep`. */
  query?: "keep" | "drop";
}

const Unsafe = error(400, "rewrite_unsafe", "This address leads nowhere.");

/**
 * Answers a request as if it had come for another address: it is routed anew, in the same App, and the client
 * sees nothing of it; or tells the client to go there (`redirect`).
 *
 * The first rule that says something about the canonical path decides, unless it says `go: "next"`. A request goes
 * through each rewrite once, and is routed anew ten times at most, so rules cannot send it round in circles; what
 * stands around this middleware does not run again. Middleware outside of it saw the old address: put what decides by
 * address inside, or on the routes.
 *
 * Your own pattern is run on paths that clients choose: avoid nested repetition such as `(a+)+`.
 *
 * @throws TypeError at start when a rule cannot be right: a group that is not there, a bad prefix
 * @example
 * new App()
 *   .use(rewrite([{ match: /^\/articles\/(\d+)$/, to: "/posts/$1" }, { strip: "/api" }]))
 *   .get("/posts/:id", ({ params }) => `post ${params.id}`);
 */
export function rewrite(rules: readonly RewriteRule[], options: RewriteOptions = {}): Middleware {
  const compiled = rules.map((rule) => ({
    ...rule,
    apply: compileRewrite(rule, options.query !== "drop"),
  }));
  const layer: Middleware = middleware(
    "rewrite",
    (c, next) => {
      // `OPTIONS *` and CONNECT have no path; a layer within another function is not known to the route.
      if (!c.exchange.path.startsWith("/") || c.passed?.has(layer) === true) return next();
      for (let i = 0; i < compiled.length; i++) {
        const { apply, when, redirect, go } = compiled[i] as (typeof compiled)[number];
        if (when !== undefined && !when(c)) continue;
        const rewritten = apply(c);
        if (rewritten === undefined) continue;
        if (rewritten === "unsafe") throw new Unsafe();
        if (redirect !== undefined) {
          // "//evil.example" would name another host, where the server keeps such slashes.
          return redirectReply(addressOf(rewritten).replace(/^\/{2,}/, "/"), redirect);
        }
        const exchange = moved(c.exchange, rewritten);
        if (go === undefined || go === "route") return redispatch(c, exchange, layer);
        c.exchange = exchange;
        c.rest = restOf(c, rewritten.path);
        if (go === "stop") break;
      }
      return next();
    },
    { errors: [Unsafe] },
  );
  return layer;
}

function addressOf({ path, query, fragment }: Rewritten): string {
  return (query === "" ? path : `${path}?${query}`) + fragment;
}

function moved(exchange: Exchange, rewritten: Rewritten): Exchange {
  const { path, query } = rewritten;
  return new DerivedExchange(exchange, { target: addressOf(rewritten), path, query });
}

/** What the route's prefix leaves of another path; of one that has not this prefix all of it. */
function restOf(c: Context, path: string): string {
  const { path: declared } = c.route;
  const prefix = declared.endsWith("/*") ? declared.slice(0, -1) : "/";
  return path.startsWith(prefix) ? path.slice(prefix.length) : path.slice(1);
}
