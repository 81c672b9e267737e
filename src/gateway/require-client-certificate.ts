import { HttpError } from "../core/errors.ts";
import type { Middleware } from "../core/middleware.ts";

/** Answers 403 to requests whose connection has no verified client certificate. */
export const requireClientCertificate: Middleware = (c, next) => {
  if (c.exchange.connection.tls?.clientCertificate === undefined) {
    throw new HttpError(
      403,
      "client_certificate_required",
      "This address needs a client certificate that the server trusts.",
    );
  }
  return next();
};
