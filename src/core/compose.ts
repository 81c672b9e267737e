import { HeaderList } from "../http/header-list.ts";
import type { Context } from "./context.ts";
import type { Handler, Middleware } from "./handler.ts";
import { Reply } from "./reply.ts";

/** What a route runs: a handler and the middleware around it as one function. */
export type Runner = (c: Context) => Reply | Promise<Reply>;

/** Makes one function of a chain, once, at start-up. Without middleware a synchronous handler stays so. */
export function compose(middleware: readonly Middleware[], handler: Handler): Runner {
  // Without middleware nobody changes the headers of a plain text, so one list serves all.
  const finish = middleware.length === 0 ? toSharedReply : toReply;
  let run: Runner = (c) => {
    const result = handler(c);
    return result instanceof Promise ? result.then(finish) : finish(result);
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

const TEXT = new HeaderList(["Content-Type", "text/plain; charset=utf-8"]).freeze();

function toSharedReply(result: Reply | Response | string): Reply {
  return typeof result === "string" ? new Reply(result, 200, TEXT) : toReply(result);
}

function toReply(result: Reply | Response | string): Reply {
  if (result instanceof Reply) return result;
  return typeof result === "string"
    ? new Reply(result, 200, TEXT.clone())
    : Reply.fromResponse(result);
}
