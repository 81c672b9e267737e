import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { rewriteResponse } from "../../middleware/rewrite-response/rewrite-response.ts";

/** Other statuses and text in answers. */
export function rewriteResponseOf(settings: MiddlewareConfig["rewrite_response"]): Middleware {
  const { status, body, types, max_size: maxSize } = settings;
  return rewriteResponse({ status, body, types, maxSize });
}
