import { fieldPairs } from "../../wire/field-pairs.ts";
import type { UpstreamRequest } from "../call.ts";
import { anticipatesContent } from "../http1/request-head.ts";

/** What a request is sent as. */
export interface RequestOrigin {
  /** `:authority` where the request has none of its own. */
  readonly authority: string;
  readonly scheme: "http" | "https";
}

/** The field section of a request (RFC 9113 8.3.1): `[name, value, …]`, pseudo-headers first. */
export function requestFields(request: UpstreamRequest, origin: RequestOrigin): string[] {
  const { method, target, headers, body, upgrade } = request;
  const authority = request.authority ?? origin.authority;
  const flat = [":scheme", origin.scheme, ":authority", authority, ":path", target];
  if (upgrade === undefined) flat.unshift(":method", method);
  else flat.unshift(":method", "CONNECT", ":protocol", upgrade);
  const pairs = fieldPairs(headers);
  for (let i = 0; i < pairs.length; i += 2) {
    // RFC 8441 5.1: what would keep caches from mistaking a handshake has no use here.
    if (upgrade !== undefined && pairs[i] === "sec-websocket-key") continue;
    flat.push(pairs[i] as string, pairs[i + 1] as string);
  }
  if (body !== null) {
    if (body.size !== undefined) flat.push("content-length", String(body.size));
    if (request.expectContinue === true) flat.push("expect", "100-continue");
  } else if (anticipatesContent(method)) {
    flat.push("content-length", "0");
  }
  if (request.acceptsTrailers === true) flat.push("te", "trailers");
  return flat;
}
