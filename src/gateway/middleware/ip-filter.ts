import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { ipFilter } from "../../middleware/ip-filter/ip-filter.ts";

export function ipFilterOf({ allow, deny }: MiddlewareConfig["ip_filter"]): Middleware {
  return ipFilter({ deny, ...(allow && { allow }) });
}
