import { declaredLength } from "../declared-length.ts";
import type { Reply } from "../../../core/reply.ts";
import { fieldPairs } from "../../../wire/field-pairs.ts";
import type { EngineHost } from "../../engine.ts";

/** The fields of a final reply, with its length and what the server adds. */
export function replyPairs(
  reply: Reply,
  method: string,
  host: EngineHost,
  secure: boolean,
): string[] {
  const pairs = fieldPairs(reply.headers);
  const length = declaredLength(reply, method);
  if (length !== undefined) pairs.push("content-length", String(length));
  if (secure) {
    if (host.altSvc !== undefined) pairs.push("alt-svc", host.altSvc);
    if (host.hsts !== undefined) pairs.push("strict-transport-security", host.hsts);
  }
  return pairs;
}
