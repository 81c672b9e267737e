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
    let result: unknown;
    try {
      result = handler(error, c);
    } catch (second) {
      return standardReply(second, c);
    }
    if (result instanceof Promise) {
      return result.then(
        (settled) =>
          settled === undefined
            ? errorReply(error, c, handlers.slice(index + 1))
            : toReply(settled),
        (second) => standardReply(second, c),
      );
    }
    if (result !== undefined) return toReply(result);
  }
  return standardReply(error, c);
}

function standardReply(error: unknown, c: Context): Reply | Promise<Reply> {
  const known = asHttpError(error);
  if (isHttpError(known)) return known.toReply();
  if (error instanceof Reply || error instanceof Response) return toReply(error);
  const id = c.report(error);
  const detail = "The server met an error answering this request. Its log has more under this id.";
  return problem(500, "internal", detail, new HeaderList(), { id });
}
