import type { Context } from "../core/context.ts";
import type { UpstreamRequest } from "../upstream/call.ts";
import type { ForwardingPolicy } from "./forwarding.ts";
import { requestFields } from "./request-fields.ts";

/** What a backend is asked for a request. @param host see ProxyOptions */
export function requestFor(
  c: Context,
  forwarding: ForwardingPolicy,
  host: string,
): UpstreamRequest {
  const { method, path, query, body, headers } = c.exchange;
  const te = headers.get("te");
  return {
    method,
    target: query === "" ? path : `${path}?${query}`,
    authority: host === "preserve" ? c.host : host === "backend" ? undefined : host,
    headers: requestFields(c, forwarding),
    body,
    expectContinue: body !== null && headers.has("expect"),
    acceptsTrailers: te !== null && takesTrailers(te),
  };
}

/** RFC 9110 10.1.4. */
function takesTrailers(te: string): boolean {
  return /(?:^|,)[ \t]*trailers[ \t]*(?:,|$)/i.test(te);
}
