import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { cacheControl } from "../../middleware/cache-control/cache-control.ts";

export function cacheControlOf(settings: MiddlewareConfig["cache_control"]): Middleware {
  const time = <K extends string>(key: K, seconds: number | undefined) =>
    seconds === undefined ? {} : ({ [key]: seconds * 1000 } as Record<K, number>);
  return cacheControl({
    public: settings.public,
    private: settings.private,
    noStore: settings.no_store,
    noCache: settings.no_cache,
    mustRevalidate: settings.must_revalidate,
    noTransform: settings.no_transform,
    immutable: settings.immutable,
    ...time("maxAge", settings.max_age_secs),
    ...time("sMaxAge", settings.s_maxage_secs),
    ...time("staleWhileRevalidate", settings.stale_while_revalidate_secs),
    ...time("staleIfError", settings.stale_if_error_secs),
  });
}
