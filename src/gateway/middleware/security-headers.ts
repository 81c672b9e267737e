import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { securityHeaders } from "../../middleware/security-headers/security-headers.ts";

export function securityHeadersOf(settings: MiddlewareConfig["security_headers"]): Middleware {
  const {
    content_security_policy: policy,
    frame_options: frames,
    referrer_policy: referrer,
  } = settings;
  return securityHeaders({
    ...(policy !== undefined && { contentSecurityPolicy: policy }),
    ...(frames !== undefined && { frameOptions: frames }),
    ...(referrer !== undefined && { referrerPolicy: referrer }),
    ...(!settings.hsts && { strictTransportSecurity: false as const }),
  });
}
