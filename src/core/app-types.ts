import type { Context } from "./context.ts";
import type { HandlerTypes } from "./spec/types.ts";

/**
 * One route as the typed client reads it: the pieces as they were declared. What they come to is worked out
 * where it is asked for, so that many routes stay cheap to check.
 */
export interface Contract<Path extends string, S, R> {
  readonly path: Path;
  readonly spec: S;
  readonly result: R;
}

/** Routes by `"METHOD /path"`. */
export type RouteKey<Method extends string, Path extends string> = `${Method} ${Path}`;

/** A prefix and a path as one. */
export type Joined<Prefix extends string, Path extends string> = Path extends "/"
  ? Prefix
  : Prefix extends "/"
    ? Path
    : `${Prefix}${Path}`;

/** Routes under a prefix. */
export type Prefixed<Prefix extends string, Routes> = {
  [
    K in keyof Routes as K extends `${infer Method} ${infer Path}`
      ? RouteKey<Method, Joined<Prefix, Path>>
      : never
  ]: Routes[K];
};

/** The context of a route's handler. */
export type HandlerContext<P extends string, S, State, Vars, Deps> = Context<
  HandlerTypes<P, S, State, Vars, Deps>
>;
