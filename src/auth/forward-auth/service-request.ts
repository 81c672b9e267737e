import type { Context } from "../../core/context.ts";
import { FieldNames } from "../../http/field-names.ts";
import { isHopByHop, listedInConnection } from "../../http/hop-by-hop.ts";

/**
 * What a service must not be told by a client: where the request is from and to, which is said anew. Services read
 * `X-Original-*` and `X-Rewrite-URL` as they do `X-Forwarded-*`.
 */
const SAID_ANEW = new FieldNames([
  "Forwarded",
  "X-Forwarded-*",
  "X-Original-*",
  "X-Rewrite-URL",
  "X-Real-IP",
  "Host",
]);

/** About content, which does not go along, and about a copy of the answer, which is not asked for. */
const OF_CONTENT = new FieldNames([
  "Content-*",
  "Expect",
  "Range",
  "If-*",
  "Accept-Encoding",
  "Sec-WebSocket-*",
]);

/** What the client itself identifies by: it goes to the service even where the service's answer takes its place. */
const CREDENTIALS = new FieldNames(["Authorization", "Cookie"]);

/**
 * The fields of the question whether a request may pass.
 * @param chosen which fields of the request go along; all of them where undefined
 * @param copied what the service says and the client must not
 */
export function serviceFields(
  c: Context,
  chosen: FieldNames | undefined,
  copied: FieldNames,
): Headers {
  const { exchange } = c;
  const connection = exchange.headers.joined("connection");
  const listed = connection === null ? undefined : listedInConnection(connection);
  const fields = new Headers();
  for (const [name, value] of exchange.headers) {
    if (isHopByHop(name) || SAID_ANEW.has(name) || OF_CONTENT.has(name)) continue;
    if (chosen !== undefined && !chosen.has(name)) continue;
    if (copied.has(name) && !CREDENTIALS.has(name)) continue;
    if (listed?.has(name.toLowerCase())) continue;
    // HTTP/2 may send cookies one by one (RFC 9113 8.2.3).
    const before = name.toLowerCase() === "cookie" ? fields.get("cookie") : null;
    if (before === null) fields.append(name, value);
    else fields.set(name, `${before}; ${value}`);
  }
  const { path, query } = exchange;
  fields.set("X-Forwarded-Method", exchange.method === "CONNECT" ? "GET" : exchange.method);
  fields.set("X-Forwarded-Proto", c.scheme);
  fields.set("X-Forwarded-Host", c.host);
  // The canonical path, which is the one that the request is forwarded with.
  fields.set("X-Forwarded-Uri", query === "" ? path : `${path}?${query}`);
  fields.set("X-Forwarded-For", c.ip);
  // A refusal is passed on as it came.
  fields.set("Accept-Encoding", "identity");
  return fields;
}
