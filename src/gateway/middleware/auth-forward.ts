import type { ForwardAuthOptions } from "../../auth/forward-auth/forward-auth.ts";
import { forwardAuth } from "../../auth/forward-auth/forward-auth.ts";
import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { upstreamFetch } from "../../upstream/upstream-fetch.ts";
import type { MiddlewareParts } from "./parts.ts";

type ForwardConfig = Extract<MiddlewareConfig["auth"], { type: "forward" }>;

/** Asks a service who is let in. */
export function forwardAuthOf(settings: ForwardConfig, parts: MiddlewareParts): Middleware {
  const { cache, request_headers: requestHeaders, user_header: userHeader } = settings;
  return forwardAuth({
    ...placeOf(settings, parts),
    method: settings.method,
    copyHeaders: settings.copy_headers,
    clientHeaders: settings.client_headers,
    timeout: settings.timeout_ms,
    onError: settings.on_error,
    ...(requestHeaders && { requestHeaders }),
    ...(userHeader !== undefined && { userHeader }),
    ...(cache && {
      cache: {
        ttl: cache.secs * 1000,
        by: cache.by,
        scope: cache.scope,
        maxEntries: cache.max_entries,
      },
    }),
  }) as Middleware;
}

function placeOf(
  { url, upstream: name, path = "/" }: ForwardConfig,
  { upstreams }: MiddlewareParts,
): Pick<ForwardAuthOptions, "url" | "fetch"> {
  if (name === undefined) return { url: url as string };
  const upstream = upstreams.get(name);
  // By the client, as routes do: the service is told of it.
  const options = upstream.strategy === "ip_hash" ? { key: clientOf } : {};
  // The service's own host: that of the request is in X-Forwarded-Host.
  return { url: `http://upstream${path}`, fetch: upstreamFetch(upstream, options) };
}

function clientOf(_url: string, { headers }: RequestInit): string | undefined {
  return new Headers(headers).get("x-forwarded-for") ?? undefined;
}
