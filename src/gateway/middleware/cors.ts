import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { cors } from "../../middleware/cors/cors.ts";

export function corsOf(settings: MiddlewareConfig["cors"]): Middleware {
  const { origins, credentials, methods, allow_headers: allowHeaders } = settings;
  return cors({
    origin: origins.length === 1 && origins[0] === "*" ? "*" : origins.map(ruleOf),
    credentials,
    exposeHeaders: settings.expose_headers,
    maxAge: settings.max_age_secs * 1000,
    ...(methods && { methods }),
    ...(allowHeaders && { allowHeaders }),
  });
}

/** `https://*.example.com` takes one label. */
function ruleOf(origin: string): string | RegExp {
  if (!origin.includes("://*.")) return origin;
  const [before, after] = origin.split("*") as [string, string];
  return new RegExp(`${RegExp.escape(before)}[a-z0-9-]+${RegExp.escape(after)}`);
}
