import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import type { RateLimitKey } from "../../middleware/rate-limit/client-key.ts";
import { rateLimit } from "../../middleware/rate-limit/rate-limit.ts";
import type { MiddlewareParts } from "./parts.ts";

/** A limit that holds over all processes, for one route unless it has a name of its own. */
export function rateLimitOf(
  settings: MiddlewareConfig["rate_limit"],
  { store, routeId }: MiddlewareParts,
): Middleware {
  const { max_requests: limit, burst, key, window_secs: windowSecs } = settings;
  return rateLimit({
    limit,
    window: windowSecs * 1000,
    key: keyOf(key),
    ipv6Prefix: settings.ipv6_prefix,
    name: settings.name ?? routeId,
    onStoreError: settings.on_store_error,
    ...(burst !== undefined && { algorithm: "token-bucket" as const, burst }),
    ...(store && { store }),
  });
}

function keyOf(key: string): RateLimitKey {
  return key === "client" || key === "user" ? key : { header: key.slice("header:".length) };
}
