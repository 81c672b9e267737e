import type { Config, MiddlewareConfig, RouteConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { bodyLimit } from "../../middleware/body-limit/body-limit.ts";
import { timeout } from "../../middleware/timeout/timeout.ts";
import { authOf } from "./auth.ts";
import { cacheControlOf } from "./cache-control.ts";
import { compressOf } from "./compress.ts";
import { corsOf } from "./cors.ts";
import { headersOf } from "./headers.ts";
import { ipFilterOf } from "./ip-filter.ts";
import { maintenanceOf } from "./maintenance.ts";
import type { MiddlewareParts } from "./parts.ts";
import { rateLimitOf } from "./rate-limit.ts";
import { requestIdOf } from "./request-id.ts";
import { routeId } from "../route-id.ts";
import { rewriteResponseOf } from "./rewrite-response.ts";
import { rewriteOf } from "./rewrite.ts";
import { securityHeadersOf } from "./security-headers.ts";
import { wasmOf } from "./wasm.ts";

/** How a setting becomes a middleware. */
type Makers = {
  readonly [K in keyof MiddlewareConfig]: (
    settings: MiddlewareConfig[K],
    parts: MiddlewareParts,
  ) => Middleware | Middleware[];
};

type Maker = (settings: unknown, parts: MiddlewareParts) => Middleware | Middleware[];

/** From the outermost to the innermost, whatever their order in the file. */
const MAKERS: Makers = {
  request_id: requestIdOf,
  security_headers: securityHeadersOf,
  ip_filter: ipFilterOf,
  maintenance: maintenanceOf,
  cors: corsOf,
  rate_limit: rateLimitOf,
  auth: authOf,
  body_limit: bodyLimit,
  timeout_ms: timeout,
  wasm: wasmOf,
  rewrite: rewriteOf,
  cache_control: cacheControlOf,
  headers: headersOf,
  compress: compressOf,
  rewrite_response: rewriteResponseOf,
};

const ORDER = Object.keys(MAKERS) as (keyof MiddlewareConfig)[];

/**
 * What stands around a route: its own middleware, and of the defaults those that it has none of that name for.
 * Made once for all hosts and paths of the route.
 * @param place of the route in the file, from 1
 * @throws Error that names the route, on what a check could not see
 */
export function middlewareOf(
  route: RouteConfig,
  place: number,
  config: Config,
  shared: Pick<MiddlewareParts, "store" | "upstreams" | "clientOf" | "guests">,
): Middleware[] {
  const settings = { ...config.middleware, ...defined(route.middleware) };
  if (Object.keys(settings).length === 0) return [];
  const parts: MiddlewareParts = { ...shared, routeId: routeId(route, place) };
  const chain: Middleware[] = [];
  for (const name of orderOf(settings)) {
    const value = settings[name];
    if (value === undefined || value === false) continue;
    try {
      chain.push(...[(MAKERS[name] as Maker)(value, parts)].flat());
    } catch (error) {
      const where = `route[${place}].middleware.${name}`;
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
  }
  return chain;
}

/** Who is to be counted as a user must be known before. */
function orderOf({ rate_limit: limit }: Config["middleware"]): readonly (keyof MiddlewareConfig)[] {
  if (!limit || limit.key !== "user") return ORDER;
  return ORDER.flatMap((name) =>
    name === "rate_limit" ? [] : name === "auth" ? ["auth", "rate_limit"] : [name],
  );
}

function defined<T extends object>(table: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(table).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
