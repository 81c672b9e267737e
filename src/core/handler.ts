import type { Context } from "./context.ts";
import type { Reply } from "./reply.ts";

/** Everything that answers a request. */
export type Handler = (
  c: Context,
) => Reply | Response | string | Promise<Reply | Response | string>;

/** Everything that stands around a handler. `next` throws what the inner layers throw. */
export type Middleware = (
  c: Context,
  next: () => Promise<Reply>,
) => Reply | Response | Promise<Reply | Response>;
