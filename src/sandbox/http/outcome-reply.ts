import { Reply } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";
import type { HttpRequestOutcome } from "../abi/http-message.ts";

/**
 * What a guest answered. Fields are checked here once more: a guest's process may be in other hands.
 * @throws TypeError for a field, RangeError for a status that cannot be sent
 */
export function outcomeReply(outcome: HttpRequestOutcome): Reply {
  const { status, responseHeaders, responseBody, responseTrailers } = outcome;
  const body = responseBody.byteLength === 0 ? null : responseBody;
  const reply = new Reply(body, status, checked(responseHeaders));
  if (responseTrailers.length > 0) reply.trailers = checked(responseTrailers);
  return reply;
}

/** Names and values in turn, each of which can be sent. @param left names that are left out @throws TypeError */
export function checked(flat: readonly string[], left: ReadonlySet<string> = FRAMING): HeaderList {
  const list = new HeaderList();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = flat[i] as string;
    if (left.size === 0 || !left.has(name.toLowerCase())) list.append(name, flat[i + 1] as string);
  }
  return list;
}

/** Where a message ends, and what becomes of its connection, is for the engine to say. */
const FRAMING = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);
