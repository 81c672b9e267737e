import { DerivedExchange } from "../../core/derived-exchange.ts";
import type { Context } from "../../core/context.ts";
import { error } from "../../core/error.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { redispatch } from "../../core/redispatch.ts";
import { checkField, TOKEN } from "../../http/header-list.ts";

/** Where another method may be named, and which. */
export interface MethodOverrideOptions {
  /** The request field that names it; false for none. Default `X-HTTP-Method-Override`. */
  header?: string | false;
  /** The key of the query that names it, for HTML forms: `<form method="post" action="/x?_method=DELETE">`. Default none. */
  query?: string;
  /** Methods that may be named. Default PUT, PATCH and DELETE. */
  methods?: readonly string[];
}

const Refused = error(400, "method_override_refused");

/**
 * Lets clients that can only GET and POST ask for other methods. Only a POST can: a GET that deletes would
 * be made by every link and prefetch. A method that is not listed gets 400.
 *
 * The request is routed anew with that method, in the same App; what stands around this does not run again.
 *
 * @throws TypeError at start when a name is no token, or GET or HEAD are listed
 * @example
 * new App()
 *   .use(methodOverride())
 *   .delete("/items/:id", ({ params }) => `deleted ${params.id}`);
 */
export function methodOverride(options: MethodOverrideOptions = {}): Middleware {
  const { header = "X-HTTP-Method-Override", query } = options;
  const { methods = ["PUT", "PATCH", "DELETE"] } = options;
  if (header !== false) checkField(header, "");
  for (const method of methods) checkMethod(method);
  const allowed = new Set(methods);
  const layer: Middleware = middleware(
    "method-override",
    (c, next) => {
      if (c.method !== "POST" || c.passed?.has(layer) === true) return next();
      const asked = (header !== false && askedInHeader(c, header)) || askedInQuery(c, query);
      if (asked === undefined) return next();
      const method = asked.toUpperCase();
      if (method === "POST") return next();
      if (!allowed.has(method)) {
        throw new Refused(`A POST may be turned into ${methods.join(", ")} only.`);
      }
      return redispatch(c, new DerivedExchange(c.exchange, { method }), layer);
    },
    { errors: [Refused] },
  );
  return layer;
}

function checkMethod(method: string): void {
  if (!TOKEN.test(method) || method !== method.toUpperCase()) {
    throw new TypeError(`${JSON.stringify(method)} is no method: use a name such as "PUT"`);
  }
  // Made safe methods of a POST, caches and CSRF rules would take it for harmless; CONNECT makes tunnels.
  if (["GET", "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY"].includes(method)) {
    throw new TypeError(`methodOverride makes no ${method} of a POST: leave it out of methods`);
  }
}

/** Several fields are joined, and so no method. */
function askedInHeader(c: Context, header: string): string | undefined {
  return c.exchange.headers.joined(header) ?? undefined;
}

function askedInQuery(c: Context, key: string | undefined): string | undefined {
  if (key === undefined || c.exchange.query === "") return undefined;
  const value = (c.query as Record<string, string | string[] | undefined>)[key];
  return Array.isArray(value) ? value.join() : value;
}
