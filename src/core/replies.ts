import { HeaderList } from "../http/header-list.ts";
import type { ReplyBody } from "./reply.ts";
import { Reply } from "./reply.ts";

// One list for all replies of a kind: engines keep its serialised form. Whoever changes a header clones it.
const TEXT = new HeaderList(["Content-Type", "text/plain; charset=utf-8"]).freeze();
const HTML = new HeaderList(["Content-Type", "text/html; charset=utf-8"]).freeze();
const JSON_TYPE = new HeaderList(["Content-Type", "application/json"]).freeze();
const BYTES = new HeaderList(["Content-Type", "application/octet-stream"]).freeze();

export function textReply(body: string, status = 200): Reply {
  return new Reply(body, status, TEXT);
}

export function htmlReply(body: string, status = 200): Reply {
  return new Reply(body, status, HTML);
}

/** @throws TypeError when the value has no JSON form: a function, a symbol, a cycle or a bigint */
export function jsonReply(value: unknown, status = 200): Reply {
  const body = JSON.stringify(value) as string | undefined;
  if (body === undefined) throw new TypeError(`a ${typeof value} has no JSON form`);
  return new Reply(body, status, JSON_TYPE);
}

export function bytesReply(body: Exclude<ReplyBody, string | null>, status = 200): Reply {
  return new Reply(body, status, BYTES);
}

/**
 * @param location a URI reference; characters that no header may carry are escaped
 * @throws RangeError on a status that is no redirect
 */
export function redirectReply(location: string, status = 302): Reply {
  if (![301, 302, 303, 307, 308].includes(status)) {
    throw new RangeError(`${status} does not redirect: use 301, 302, 303, 307 or 308`);
  }
  const safe = location.toWellFormed().replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
  return new Reply(null, status, new HeaderList(["Location", safe]));
}
