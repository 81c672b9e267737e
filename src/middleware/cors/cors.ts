import type { Context } from "../../core/context.ts";
import type { Middleware, Next } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { Reply } from "../../core/reply.ts";
import { HeaderList, TOKEN } from "../../http/header-list.ts";
import { parseDuration } from "../../internal/parse-duration.ts";
import type { OriginRule } from "./origin-rule.ts";
import { compileOrigin } from "./origin-rule.ts";

/** Which pages of other origins may use this one. */
export interface CorsOptions {
  /**
   * `"*"` for any without credentials (default), an origin, a pattern for a whole origin, a list of these, or
   * a function that says whether an origin may.
   */
  origin?: OriginRule;
  /** Whether requests may carry cookies and the like. Not with `"*"`. Default false. */
  credentials?: boolean;
  /** Methods that may be used. Default whichever is asked for: the routes know what they answer. */
  methods?: readonly string[];
  /** Request fields that may be sent. Default whichever are asked for. */
  allowHeaders?: readonly string[];
  /** Fields of the answer that a page may read, beyond the few it always may. */
  exposeHeaders?: readonly string[];
  /** How long a browser may remember a preflight. Milliseconds, or `"10m"` (default). */
  maxAge?: number | string;
  /** Whether public pages may reach this one in a private network. Default false. */
  privateNetwork?: boolean;
}

/**
 * Lets pages of other origins use this one (Fetch, "CORS protocol"), and answers their preflights. Put it
 * around what asks who somebody is: a preflight carries no credentials.
 *
 * An origin that may not gets an answer without these fields, which its browser then keeps from the page.
 * With credentials only origins that are listed, or that your function took, are ever named.
 *
 * @throws TypeError at start on `"*"` with credentials, what is no origin, or a name that is no token
 * @example
 * new App()
 *   .use(cors({ origin: ["https://app.example", /https:\/\/[a-z0-9-]+\.preview\.example/], credentials: true }))
 *   .get("/me", () => ({ name: "Ada" }));
 */
export function cors(options: CorsOptions = {}): Middleware {
  const { origin = "*", credentials = false, privateNetwork = false } = options;
  const { methods, allowHeaders, exposeHeaders = [] } = options;
  if (origin === "*" && credentials) {
    throw new TypeError('cors: credentials cannot be had with origin "*": list the origins');
  }
  const allowed = compileOrigin(origin);
  for (const name of [...(methods ?? []), ...(allowHeaders ?? []), ...exposeHeaders]) {
    if (!TOKEN.test(name)) throw new TypeError(`cors: ${JSON.stringify(name)} is no name`);
  }
  const exposed = exposeHeaders.join(", ");
  const maxAge = String(Math.floor(parseDuration(options.maxAge ?? "10m") / 1000));

  const preflight = (c: Context, from: string, wanted: string): Reply => {
    const { headers: asked } = c.exchange;
    const fields = new HeaderList(from === "" ? [] : ["Access-Control-Allow-Origin", from]);
    const vary = ["Access-Control-Request-Method", "Access-Control-Request-Headers"];
    if (origin !== "*") vary.unshift("Origin");
    fields.append("Vary", vary.join(", "));
    const reply = new Reply(null, 204, fields);
    if (from === "") return reply;
    if (credentials) fields.append("Access-Control-Allow-Credentials", "true");
    const names = methods?.join(", ") ?? (TOKEN.test(wanted) ? wanted : "");
    if (names !== "") fields.append("Access-Control-Allow-Methods", names);
    const list = allowHeaders ?? tokens(asked.joined("access-control-request-headers"));
    if (list.length > 0) fields.append("Access-Control-Allow-Headers", list.join(", "));
    if (privateNetwork && asked.get("access-control-request-private-network") === "true") {
      fields.append("Access-Control-Allow-Private-Network", "true");
    }
    fields.append("Access-Control-Max-Age", maxAge);
    return reply;
  };

  const answer = (c: Context, next: Next, from: string): Reply | Promise<Reply> => {
    const wanted = c.exchange.headers.get("access-control-request-method");
    if (c.method === "OPTIONS" && wanted !== null && c.exchange.headers.has("origin")) {
      return preflight(c, from, wanted);
    }
    // Without an Origin too: what a cache keeps of that request must not answer one that has it.
    if (origin !== "*") c.headers.append("Vary", "Origin");
    if (from !== "") {
      c.headers.set("Access-Control-Allow-Origin", from);
      if (credentials) c.headers.set("Access-Control-Allow-Credentials", "true");
      if (exposed !== "") c.headers.set("Access-Control-Expose-Headers", exposed);
    }
    return next();
  };

  return middleware("cors", (c, next) => {
    const asked = c.exchange.headers.joined("origin");
    const from = asked === null ? "" : allowed(asked, c);
    return from instanceof Promise
      ? from.then((settled) => answer(c, next, settled))
      : answer(c, next, from);
  });
}

/** Field names of a list; what is none is left out, and so not allowed. */
function tokens(list: string | null): string[] {
  if (list === null) return [];
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => TOKEN.test(name));
}
