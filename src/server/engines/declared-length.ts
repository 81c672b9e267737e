import type { Reply } from "../../core/reply.ts";
import { utf8Length } from "../../runtime/bytes.ts";

/** What `Content-Length` says of a reply (RFC 9110 8.6), or undefined for nothing. */
export function declaredLength(reply: Reply, method: string): number | string | undefined {
  const { body, status } = reply;
  if (status === 204 || status < 200) return undefined;
  if (body === null) {
    // HEAD and 304 may tell the length that GET would have (RFC 9110 8.6).
    if (method === "HEAD" || status === 304)
      return reply.headers.get("content-length") ?? undefined;
    return 0;
  }
  if (status === 304) return undefined;
  if (status === 205) return 0;
  if (typeof body === "string") return utf8Length(body);
  return body instanceof Uint8Array ? body.byteLength : body.size;
}
