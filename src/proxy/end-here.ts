import { HttpError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import { Reply } from "../core/reply.ts";
import { HeaderList } from "../http/header-list.ts";
import { maxForwards } from "./max-forwards.ts";

/** Whatever a backend may take besides. */
const ALLOW = new HeaderList([
  "Allow",
  "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY",
]).freeze();

/**
 * Answers what is not for a backend.
 * @throws HttpError for CONNECT, and for TRACE: a backend would send back what it was sent, cookies and all that was
 * added on the way (RFC 9110 9.3.8)
 */
export function endsHere(exchange: Exchange): Reply | undefined {
  switch (exchange.method) {
    case "CONNECT":
      throw new HttpError(501, "connect_not_proxied", "This address opens no tunnels.");
    case "TRACE":
      throw new HttpError(405, "trace_not_proxied", "This address sends no request back.", ALLOW);
    case "OPTIONS":
      return maxForwards(exchange.headers) === 0 ? new Reply(null, 204, ALLOW) : undefined;
    default:
      return undefined;
  }
}
