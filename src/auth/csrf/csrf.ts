import type { Context } from "../../core/context.ts";
import { error } from "../../core/error.ts";
import type { Middleware, Next } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import type { CsrfToken, CsrfTokenOptions } from "./csrf-token.ts";
import { CsrfTokens } from "./csrf-token.ts";
import { checkOrigin, judgeOrigin, originOf } from "./request-origin.ts";

export interface CsrfOptions {
  /** Other origins whose pages may send, such as `https://app.example.com`. Default none. */
  readonly origins?: readonly string[];
  /**
   * What happens to requests that do not say where they were made. `allow` (default): browsers always say it
   * with what is not GET or HEAD, and what is no browser brings no cookies along unasked. `refuse`: 403.
   */
  readonly unknown?: "allow" | "refuse";
  /** Requests that need no check, such as those with a bearer token or a webhook's signature. */
  readonly skip?: (c: Context) => boolean;
  /** Asks for a token too, and puts {@link CsrfToken} into `c.vars.csrf`. */
  readonly token?: CsrfTokenOptions;
}

const CrossOrigin = error(
  403,
  "csrf_origin_refused",
  "This was sent by a page of another origin. Allow its origin if that is meant.",
);
const TokenWrong = error(403, "csrf_token_invalid");

/** They change nothing (RFC 9110 9.2.1; QUERY: draft-ietf-httpbis-safe-method-w-body). */
const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"]);

/**
 * Keeps other sites' pages from sending requests in the name of who is signed in here (cross-site request
 * forgery): whatever is not GET, HEAD, OPTIONS, TRACE or QUERY must come from a page of this origin, by
 * `Sec-Fetch-Site`, `Origin` or `Referer`; else 403. That is enough for browsers since 2020; `token` adds a
 * second lock, a token that is sent in a `SameSite=Strict` cookie and in the request itself.
 *
 * Behind a proxy put trustedProxy before it, so that the origin is the one that clients see.
 *
 * @throws TypeError at start on an origin, name or secret that cannot be
 * @example
 * new App()
 *   .use(csrf({ token: {} }))
 *   .get("/form", async (c) =>
 *     c.html(`<form method="post"><input type="hidden" name="_csrf" value="${await c.vars.csrf.token()}">`))
 *   .post("/form", () => "done");
 */
export function csrf(
  options: CsrfOptions & { readonly token: CsrfTokenOptions },
): Middleware<Context, { csrf: CsrfToken }>;
export function csrf(options?: CsrfOptions): Middleware;
export function csrf(options: CsrfOptions = {}): Middleware<Context, { csrf?: CsrfToken }> {
  const { unknown = "allow", skip } = options;
  const allowed = new Set((options.origins ?? []).map(checkOrigin));
  const tokens = options.token && new CsrfTokens(options.token);
  const errors = tokens ? [CrossOrigin, TokenWrong] : [CrossOrigin];

  const check = async (c: Context): Promise<void> => {
    const headers = c.requestHeaders;
    const facts = {
      site: headers.joined("sec-fetch-site"),
      origin: headers.joined("origin"),
      referer: headers.joined("referer"),
    };
    const own = originOf(c.scheme, c.host);
    const verdict = judgeOrigin(facts, (origin) => origin === own || allowed.has(origin));
    if (verdict === "other") throw new CrossOrigin();
    if (verdict === "unknown" && unknown === "refuse") {
      throw new CrossOrigin("Send Origin, so that it is known where this was made.");
    }
    // A WebSocket over HTTP/2 (RFC 8441) has no way to send a token, as over HTTP/1.1, where it is a GET.
    if (tokens !== undefined && c.method !== "CONNECT" && !(await tokens.check(c))) {
      throw new TokenWrong(
        `Send the token of the page in ${tokens.header}, or in the form's field ${tokens.field}. Load the page anew if it is old.`,
      );
    }
  };

  return middleware(
    "csrf",
    async (c: Context, next: Next<{ csrf?: CsrfToken }>) => {
      if (!SAFE.has(c.method) && skip?.(c) !== true) await check(c);
      return tokens === undefined ? next() : next({ csrf: tokens.forRequest(c) });
    },
    { errors },
  );
}
