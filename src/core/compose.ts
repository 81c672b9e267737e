import type { Context } from "./context.ts";
import type { Handler, Middleware } from "./handler.ts";
import { Reply } from "./reply.ts";

/** What a route runs: a handler and the middleware around it as one function. */
export type Runner = (c: Context) => Reply | Promise<Reply>;

/** Makes one function of a chain, once, at start-up. Without middleware a synchronous handler stays so. */
export function compose(middleware: readonly Middleware[], handler: Handler): Runner {
  let run: Runner = (c) => {
    const result = handler(c);
    return result instanceof Promise ? result.then(toReply) : toReply(result);
  };
  for (const layer of middleware.toReversed()) {
    const inner = run;
    run = (c) => {
      const result = layer(c, async () => inner(c));
      return result instanceof Promise ? result.then(toReply) : toReply(result);
    };
  }
  return run;
}

function toReply(result: Reply | Response | string): Reply {
  if (result instanceof Reply) return result;
  if (typeof result !== "string") return Reply.fromResponse(result);
  const reply = new Reply(result);
  reply.headers.flat.push("Content-Type", "text/plain; charset=utf-8");
  return reply;
}
