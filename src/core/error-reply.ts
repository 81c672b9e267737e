import type { Context } from "./context.ts";
import { isHttpError, problem } from "./errors.ts";
import { asHttpError } from "./forms/as-http-error.ts";
import { HeaderList } from "../http/header-list.ts";
import type { ErrorHandler } from "./mounted.ts";
import { Reply } from "./reply.ts";
import { toReply } from "./result.ts";

/** The reply to an error: what the nearest `onError` makes of it, or the standard answer. */
export function errorReply(
  error: unknown,
  c: Context,
  handlers: readonly ErrorHandler[] = c.route.owner.onError,
): Reply | Promise<Reply> {
  for (const [index, handler] of handlers.entries()) {
    try {
      const result = handler(error, c);
      if (result === undefined) continue;
      const reply =
        result instanceof Promise
          ? result.then((settled) =>
              settled === undefined
                ? errorReply(error, c, handlers.slice(index + 1))
                : toReply(settled),
            )
          : toReply(result);
      return reply instanceof Promise
        ? reply.catch((second: unknown) => standardReply(second, c))
        : reply;
    } catch (second) {
      return standardReply(second, c);
    }
  }
  return standardReply(error, c);
}

function standardReply(error: unknown, c: Context): Reply {
  try {
    const known = asHttpError(error);
    if (isHttpError(known)) return known.toReply();
    if (error instanceof Reply) return error;
    if (error instanceof Response) return Reply.fromResponse(error);
    return internalError(error, c);
  } catch (second) {
    // It has members that JSON cannot hold, was sent before, or will not even be looked at.
    return internalError(second, c);
  }
}

function internalError(error: unknown, c: Context): Reply {
  const id = c.report(error);
  const detail = "The server met an error answering this request. Its log has more under this id.";
  return problem(500, "internal", detail, new HeaderList(), { id });
}
