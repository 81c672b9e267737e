import { DerivedExchange } from "../../core/derived-exchange.ts";
import { error } from "../../core/error.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { redispatch } from "../../core/redispatch.ts";
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
 * sees nothing of it (`c.redirect` is for telling it).
 *
 * The first rule that says something about the canonical path decides. A request goes through each rewrite
 * once, so rules cannot send it round in circles, and what stands around this middleware does not run again.
 * Middleware outside of it saw the old address: put what decides by address inside, or on the routes.
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
  const rewriters = rules.map(compileRewrite);
  const keep = options.query !== "drop";
  const layer: Middleware = middleware(
    "rewrite",
    (c, next) => {
      const { exchange } = c;
      // `OPTIONS *` and CONNECT have no path; a layer within another function is not known to the route.
      if (!exchange.path.startsWith("/") || c.passed?.has(layer) === true) return next();
      for (let i = 0; i < rewriters.length; i++) {
        const rewritten = rewriters[i]?.(exchange.path);
        if (rewritten === undefined) continue;
        if (rewritten === "unsafe") throw new Unsafe();
        return redispatch(c, moved(exchange, rewritten, keep), layer);
      }
      return next();
    },
    { errors: [Unsafe] },
  );
  return layer;
}

function moved(exchange: Exchange, { path, query }: Rewritten, keep: boolean): Exchange {
  const kept = keep ? exchange.query : "";
  const both = query !== "" && kept !== "" ? `${query}&${kept}` : query + kept;
  const target = both === "" ? path : `${path}?${both}`;
  return new DerivedExchange(exchange, { target, path, query: both });
}
