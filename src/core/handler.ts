import type { Context } from "./context.ts";
import type { Reply } from "./reply.ts";
import type { Source } from "../wire/source.ts";

/**
 * What a handler may answer: a string is `text/plain`, bytes are an octet stream, an async iterable or a
 * {@link Source} is streamed, `undefined` is 204, a {@link Reply} or `Response` is itself, and everything
 * else is JSON.
 */
export type Result =
  | Reply
  | Response
  | Source
  | AsyncIterable<string | Uint8Array>
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | void
  | object;

/** Everything that answers a request. */
export type Handler<C = Context, R = Result> = (c: C) => R | Promise<R>;

/** A handler whose answers are all Replies: they are not looked at again, nor waited for a second time. */
export interface ReplyHandler extends Handler<Context, Reply> {
  readonly repliesOnly: true;
}

export function repliesOnly(handler: Handler<Context, Reply>): ReplyHandler {
  return Object.assign(handler, { repliesOnly: true as const });
}
