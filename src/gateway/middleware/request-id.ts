import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { requestId } from "../../middleware/request-id/request-id.ts";

/** An id that the client and, as a field of the request, the action are told. */
export function requestIdOf({ header, accept }: MiddlewareConfig["request_id"]): Middleware {
  return requestId({ header, accept, forward: true });
}
