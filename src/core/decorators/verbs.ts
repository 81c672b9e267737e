import type { HandlerContext } from "../app-types.ts";
import { callSite } from "../routing/call-site.ts";
import type { ResultOf, Spec } from "../spec/types.ts";
import { requireStandard } from "./require-standard.ts";

/** What a decorator noted of a method. */
export interface NotedRoute {
  readonly methods: readonly string[];
  readonly path: string;
  readonly spec: Spec;
  readonly key: string | symbol;
  readonly place: string | undefined;
}

/**
 * Notes by instance: a decorator of a method does not know its class, and the runtimes have no
 * `Symbol.metadata` yet.
 */
const noted = new WeakMap<object, NotedRoute[]>();

/** What the decorators noted, in the order of the class. */
export function notedRoutes(instance: object): readonly NotedRoute[] {
  return noted.get(instance) ?? [];
}

/** Marks a method of a controller as a handler. Its result is checked against the spec's `returns`. */
export interface VerbDecorator {
  <const P extends string, const S extends Spec = object>(
    path: P,
    spec?: S,
  ): <This extends object, C extends HandlerContext<P, S, unknown, unknown, unknown>>(
    method: (this: This, c: C) => ResultOf<S> | Promise<ResultOf<S>>,
    context: ClassMethodDecoratorContext<This>,
  ) => void;
}

/** A method that answers GET. Answers HEAD too. */
export const get = verb("GET");
/** A method that answers POST. */
export const post = verb("POST");
/** A method that answers PUT. */
export const put = verb("PUT");
/** A method that answers PATCH. */
export const patch = verb("PATCH");
/** A method that answers DELETE; the word itself is taken by the language. */
export const del = verb("DELETE");
/** A method that answers HEAD. */
export const head = verb("HEAD");
/** A method that answers OPTIONS. */
export const options = verb("OPTIONS");

function verb(method: string): VerbDecorator {
  return ((path: string, spec: Spec = {}) => {
    const place = callSite();
    return (_method: unknown, context: ClassMethodDecoratorContext<object>): void => {
      requireStandard(context, "method");
      const route = { methods: [method], path, spec, key: context.name, place };
      context.addInitializer(function (this: object) {
        const routes = noted.get(this);
        if (routes === undefined) noted.set(this, [route]);
        else routes.push(route);
      });
    };
  }) as VerbDecorator;
}
