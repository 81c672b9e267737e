import { HttpError } from "../core/errors.ts";
import type { Middleware } from "../core/middleware.ts";
import { middleware } from "../core/middleware.ts";
import { parseIp } from "../http/ip-address.ts";

/** RFC 9110 9.2.1, without those that the admin listener does not have. */
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Keeps pages that somebody looks at in a browser from the admin listener, which asks for no password. A page of
 * another site says where it is from when it would change something. One that has its own name resolved to this address
 * (DNS rebinding) is of the same site as far as the browser knows, but must call for that name: only addresses,
 * `localhost` and names that the configuration knows are answered.
 * @param hosts names, without ports
 */
export function adminGuard(hosts: readonly string[]): Middleware {
  const known = new Set(hosts.map((host) => host.toLowerCase()));
  return middleware("admin-guard", (c, next) => {
    const host = c.exchange.authority.replace(/:\d*$/, "");
    // HTTP/1.0 may have none, and browsers always have one.
    if (host !== "" && !isOwn(host) && !known.has(host)) {
      const message = `The admin listener has no name ${JSON.stringify(host)}: ask for its address, or add the name to hosts in [admin].`;
      throw new HttpError(421, "unknown_host", message);
    }
    if (!SAFE.has(c.method) && c.requestHeaders.has("origin")) {
      const message = "Pages may not change this: use curl or sluice ctl.";
      throw new HttpError(403, "no_pages", message);
    }
    return next();
  });
}

/** An address, or a name that no resolver is asked for (RFC 6761 6.3). */
function isOwn(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return parseIp(host.startsWith("[") ? host.slice(1, -1) : host) !== undefined;
}
