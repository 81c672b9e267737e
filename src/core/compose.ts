import type { Context } from "./context.ts";
import type { Middleware } from "./middleware.ts";
import type { Reply } from "./reply.ts";
import { toReply } from "./result.ts";

/** What a route runs: a handler and what stands around it as one function. */
export type Runner = (c: Context) => Reply | Promise<Reply>;

/** Makes a runner of a handler. A synchronous handler stays so. */
export function runnerOf(handler: (c: Context) => unknown, finish: Finish = toReply): Runner {
  if (finish === toReply && "repliesOnly" in handler) return handler as Runner;
  return (c) => {
    const result = handler(c);
    return result instanceof Promise ? result.then((value) => finish(value, c)) : finish(result, c);
  };
}

/** What makes a reply of a handler's result. */
export type Finish = (result: unknown, c: Context) => Reply | Promise<Reply>;

/** Puts middleware around a runner, the first outermost, once, at start-up. */
// oxlint-disable-next-line no-explicit-any
export function compose(layers: readonly Middleware<any, any>[], core: Runner): Runner {
  let run = core;
  for (const layer of layers.toReversed()) run = around(layer, run);
  return run;
}

// oxlint-disable-next-line no-explicit-any
function around(layer: Middleware<any, any>, inner: Runner): Runner {
  const repliesOnly = layer.facts?.repliesOnly === true;
  const finish = (result: unknown): Reply | Promise<Reply> => {
    if (result === undefined) throw answeredNothing(layer);
    return toReply(result);
  };
  return (c) => {
    // Routed anew: what the request has been through is behind it.
    if (c.passed !== undefined && c.passed.has(layer)) return inner(c);
    let passed: Promise<Reply> | undefined;
    const result = layer(c, (add?: object) => {
      if (add !== undefined) Object.assign(c.vars as object, add);
      try {
        const reply = inner(c);
        return (passed = reply instanceof Promise ? reply : Promise.resolve(reply));
      } catch (error) {
        // What is inside answers at once or later; around it both are a promise.
        passed = Promise.reject(error);
        passed.catch(ignore);
        return passed;
      }
    });
    // What was handed through as it is has been made a Reply inside.
    if (result === passed && passed !== undefined) return passed;
    if (result instanceof Promise)
      return repliesOnly ? (result as Promise<Reply>) : result.then(finish);
    // It does not wait for what is inside: when that fails, it is no end of the process.
    passed?.catch((error: unknown) => c.report(error));
    return finish(result);
  };
}

function ignore(): void {}

// oxlint-disable-next-line no-explicit-any
function answeredNothing({ label, name }: Middleware<any, any>): TypeError {
  return new TypeError(
    `the middleware ${JSON.stringify(label ?? (name || "anonymous"))} answered nothing: return what next() gives`,
  );
}
