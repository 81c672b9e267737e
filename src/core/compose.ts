import type { Context } from "./context.ts";
import type { Middleware, MiddlewareSteps } from "./middleware.ts";
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
  const one = oneByOne(layers, core);
  if (layers.length === 0) return one;
  const together = inRuns(layers, core);
  // Routed anew: what the request has been through is behind it.
  return (c) => (c.passed === undefined ? together(c) : one(c));
}

// oxlint-disable-next-line no-explicit-any
function oneByOne(layers: readonly Middleware<any, any>[], core: Runner): Runner {
  let run = core;
  for (const layer of layers.toReversed()) {
    const inner = run;
    const outer = around(layer, inner);
    run = (c) => (c.passed?.has(layer) === true ? inner(c) : outer(c));
  }
  return run;
}

/** Middleware of which all is known that it does is run together with its neighbours of that kind. */
// oxlint-disable-next-line no-explicit-any
function inRuns(layers: readonly Middleware<any, any>[], core: Runner): Runner {
  let run = core;
  let known: MiddlewareSteps[] = [];
  for (const layer of layers.toReversed()) {
    if (layer.steps !== undefined) {
      known.unshift(layer.steps);
    } else {
      run = around(layer, through(known, run));
      known = [];
    }
  }
  return through(known, run);
}

/** Runs all on the way in, what is inside, and all on the way out. */
function through(known: readonly MiddlewareSteps[], inner: Runner): Runner {
  if (known.length === 0) return inner;
  const enters = known.flatMap(({ enter }) => enter ?? []);
  const inside = leaving(inner, known.flatMap(({ leave }) => leave ?? []).reverse());
  const enter = (c: Context, from: number): Reply | Promise<Reply> => {
    for (let i = from; i < enters.length; i++) {
      const entered = (enters[i] as Enter)(c);
      if (entered !== undefined) return goOn(entered, c, i + 1);
    }
    return inside(c);
  };
  // By itself, so that only what waits costs a closure.
  const goOn = (entered: Promise<void>, c: Context, next: number): Promise<Reply> =>
    entered.then(() => enter(c, next));
  return (c) => enter(c, 0);
}

function leaving(inner: Runner, leaves: readonly Leave[]): Runner {
  if (leaves.length === 0) return inner;
  const leave = (c: Context, reply: Reply): Reply => {
    let answer = reply;
    for (let i = 0; i < leaves.length; i++) answer = (leaves[i] as Leave)(c, answer);
    return answer;
  };
  const later = (c: Context, reply: Promise<Reply>): Promise<Reply> =>
    reply.then((answer) => leave(c, answer));
  return (c) => {
    const reply = inner(c);
    return reply instanceof Promise ? later(c, reply) : leave(c, reply);
  };
}

type Enter = NonNullable<MiddlewareSteps["enter"]>;
type Leave = NonNullable<MiddlewareSteps["leave"]>;

// oxlint-disable-next-line no-explicit-any
function around(layer: Middleware<any, any>, inner: Runner): Runner {
  const repliesOnly = layer.facts?.repliesOnly === true;
  const finish = (result: unknown): Reply | Promise<Reply> => {
    if (result === undefined) throw answeredNothing(layer);
    return toReply(result);
  };
  return (c) => {
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
