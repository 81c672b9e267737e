import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { withHeaders } from "../../core/with-headers.ts";
import { withField } from "../../http/amended-fields.ts";
import { FieldNames } from "../../http/field-names.ts";
import { requestId } from "../../middleware/request-id/request-id.ts";

/** An id that the client and, as a field of the request, the action are told. */
export function requestIdOf({ header, accept }: MiddlewareConfig["request_id"]): Middleware {
  const names = new FieldNames([header]);
  const identify = requestId({ header, accept });
  return middleware("request-id", (c, next) =>
    identify(c, (vars) => {
      const headers = withField(c.exchange.headers, names, header, vars.requestId);
      c.exchange = withHeaders(c.exchange, headers, names);
      return next(vars);
    }),
  );
}
