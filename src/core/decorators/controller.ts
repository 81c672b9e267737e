import { App } from "../app.ts";
import type { Middleware } from "../middleware.ts";
import type { NotedRoute } from "./verbs.ts";
import { notedRoutes } from "./verbs.ts";
import { requireStandard } from "./require-standard.ts";

// oxlint-disable-next-line no-explicit-any
type AnyMiddleware = Middleware<any, any>;
// oxlint-disable-next-line no-explicit-any
type Class = abstract new (...args: any[]) => object;

interface Controller {
  readonly prefix: string;
  readonly use: readonly AnyMiddleware[];
}

const controllers = new WeakMap<object, Controller>();

/**
 * Makes a class a set of routes under a prefix; `@get` and its like mark its methods.
 *
 * ```ts
 * @controller("/users")
 * class Users {
 *   constructor(readonly db: Db) {}
 *   @get("/:id", { params: z.object({ id: z.coerce.number() }) })
 *   one(c: Context) { return this.db.user(c.params.id); }
 * }
 * const app = new App().route("/", routesOf(new Users(db)));
 * ```
 * @throws TypeError where the compiler makes old (experimental) decorators of them
 */
export function controller(
  prefix: string,
  options: { readonly use?: readonly AnyMiddleware[] } = {},
) {
  return <C extends Class>(value: C, context: ClassDecoratorContext<C>): void => {
    requireStandard(context, "class");
    controllers.set(value, { prefix, use: options.use ?? [] });
  };
}

/**
 * The routes of a controller's instance, as an App to mount.
 * @throws TypeError when its class is no controller, or has no routes
 */
export function routesOf(instance: object): App {
  const { name } = instance.constructor;
  const found = controllers.get(instance.constructor);
  if (found === undefined) {
    throw new TypeError(`class ${name} is no controller: write @controller("/path") above it`);
  }
  const routes = notedRoutes(instance);
  if (routes.length === 0) {
    throw new TypeError(`controller ${name} has no routes: write @get("/path") above its methods`);
  }
  const inner = new App();
  for (const route of routes) addRoute(inner, instance, route, found.use);
  if (found.prefix === "/") return inner;
  return new App().route(found.prefix, inner) as unknown as App;
}

function addRoute(
  app: App,
  instance: object,
  { methods, path, spec, key, place }: NotedRoute,
  use: readonly AnyMiddleware[],
): void {
  const method = (instance as Record<PropertyKey, (c: unknown) => object>)[key];
  if (typeof method !== "function") return;
  const name = spec.name ?? `${instance.constructor.name}.${String(key)}`;
  app.add({
    path,
    methods,
    spec,
    name,
    use,
    handler: (c) => method.call(instance, c),
    ...(place !== undefined && { place }),
  });
}
