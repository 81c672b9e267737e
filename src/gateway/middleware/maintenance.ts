import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { maintenance } from "../../middleware/maintenance/maintenance.ts";

export function maintenanceOf(settings: MiddlewareConfig["maintenance"]): Middleware {
  const { active, allow, except, message, retry_after_secs: seconds } = settings;
  return maintenance({
    active,
    allow,
    except,
    retryAfter: seconds * 1000,
    ...(message !== undefined && { message }),
  });
}
