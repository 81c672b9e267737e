import type { Reply } from "../../../core/reply.ts";
import { encodeFields } from "../../../wire/hpack/encoder.ts";
import type { EngineHost } from "../../engine.ts";
import { dateValue } from "../../../wire/http1/reply-head.ts";
import { replyPairs } from "../multiplexed/reply-fields.ts";

/** The field section of a final reply, encoded. */
export function replyBlock(
  reply: Reply,
  method: string,
  host: EngineHost,
  secure: boolean,
): Uint8Array {
  const pairs = replyPairs(reply, method, host, secure);
  pairs.unshift(":status", String(reply.status));
  if (!pairs.includes("date")) pairs.push("date", dateValue());
  return encodeFields(pairs);
}
