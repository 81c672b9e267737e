import type { Context } from "./context.ts";
import type { Middleware, MiddlewareFacts, MiddlewareSteps, Next } from "./middleware.ts";

/**
 * A middleware of which it is known that it does something before what is inside and something after it, and nothing
 * else. It can be called like any other; where several of them follow each other a route does without the calls and
 * promises between them.
 */
export function steps<Add extends object = object>(
  name: string,
  { enter, leave }: MiddlewareSteps,
  facts?: MiddlewareFacts,
): Middleware<Context, Add> {
  const run = (c: Context, next: Next<Add>) => {
    const inside = () => {
      const reply = (next as Next)();
      return leave === undefined ? reply : reply.then((answer) => leave(c, answer));
    };
    const entered = enter?.(c);
    return entered === undefined ? inside() : entered.then(inside);
  };
  return Object.assign(run, {
    label: name,
    facts: { ...facts, repliesOnly: true as const },
    steps: { enter, leave },
  });
}
