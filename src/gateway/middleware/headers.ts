import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { rewriteHeaders } from "../../middleware/rewrite-headers/rewrite-headers.ts";

/** Changes fields on their way in and out. */
export function headersOf(settings: MiddlewareConfig["headers"]): Middleware {
  return rewriteHeaders(settings);
}
