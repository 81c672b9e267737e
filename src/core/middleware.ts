import type { Context } from "./context.ts";
import type { ErrorClass } from "./error.ts";
import type { Reply } from "./reply.ts";
import type { Route, RouteInfo } from "./route.ts";

/**
 * Runs what is inside. What it is given is in `c.vars` there. It throws what the inner layers throw, so
 * `try`, `catch` and `finally` around it work.
 */
export type Next<Add extends object = object> = (
  ...add: object extends Add ? [add?: Add] : [add: Add]
) => Promise<Reply>;

/** Everything that stands around a handler. */
export interface Middleware<C = Context, Add extends object = object> {
  (c: C, next: Next<Add>): Reply | Response | Promise<Reply | Response>;
  /** For lists and metrics; see {@link middleware}. */
  readonly label?: string;
  readonly facts?: MiddlewareFacts;
  /** All that it does, where that is known; see `steps`. */
  readonly steps?: MiddlewareSteps;
  /** Of one that brings routes and stands around none: `App.use` calls it and keeps nothing. */
  readonly install?: (app: InstallTarget) => void;
}

/** What a middleware does on the way in and on the way out. */
export interface MiddlewareSteps {
  /** Puts what it adds into `c.vars` itself, and throws what refuses a request. */
  readonly enter?: ((c: Context) => void | Promise<void>) | undefined;
  /** Not called where what is inside throws. */
  readonly leave?: ((c: Context, reply: Reply) => Reply) | undefined;
}

/** What {@link Middleware.install} may do with an App. */
export interface InstallTarget {
  add(route: Route): unknown;
  routes(): readonly RouteInfo[];
  onChange(listener: () => void): void;
}

/** What a middleware tells the contract of the routes it stands around. */
export interface MiddlewareFacts {
  /** OpenAPI security schemes by name; each route inside requires one of them. */
  readonly security?: Readonly<Record<string, SecurityScheme>>;
  /** Errors it may answer with. */
  readonly errors?: readonly ErrorClass[];
  /** It answers a Reply, or a promise of one, and never a `Response`: nothing has to be made of its answer. */
  readonly repliesOnly?: true;
}

/** An OpenAPI 3.1 Security Scheme Object. */
export type SecurityScheme =
  | { type: "http"; scheme: string; bearerFormat?: string; description?: string }
  | { type: "apiKey"; name: string; in: "header" | "query" | "cookie"; description?: string }
  | { type: "openIdConnect"; openIdConnectUrl: string; description?: string }
  | { type: "oauth2"; flows: Record<string, unknown>; description?: string }
  | { type: "mutualTLS"; description?: string };

/**
 * Names a middleware, and types what it adds to `c.vars`.
 *
 * @example
 * const timed = middleware("timed", async (c, next: Next<{ startedAt: number }>) => {
 *   const startedAt = performance.now();
 *   const reply = await next({ startedAt });
 *   c.headers.set("Server-Timing", `total;dur=${performance.now() - startedAt}`);
 *   return reply;
 * });
 * new App().use(timed).get("/", ({ vars }) => `began at ${vars.startedAt}`);
 */
export function middleware<Add extends object = object, C = Context>(
  name: string,
  run: (c: C, next: Next<Add>) => Reply | Response | Promise<Reply | Response>,
  facts?: MiddlewareFacts,
): Middleware<C, Add> {
  // A function of its own, so that one function can be named twice.
  const named = (c: C, next: Next<Add>) => run(c, next);
  return Object.assign(named, { label: name, ...(facts && { facts }) });
}

/** What a middleware adds to `c.vars`. */
export type AddedBy<M> = M extends (c: never, next: (...add: infer A) => Promise<Reply>) => unknown
  ? NonNullable<A[0]> extends infer Add
    ? // Neither `any` nor an object of nothing: what is all optional is an addition too.
      0 extends 1 & Add
      ? unknown
      : [keyof Add] extends [never]
        ? unknown
        : Add
    : unknown
  : unknown;

/** What each of several middleware adds. */
export type AddedByEach<M extends readonly unknown[]> = M extends readonly [
  infer First,
  ...infer Rest,
]
  ? AddedBy<First> & AddedByEach<Rest>
  : unknown;
