import { CookieKeys } from "../http/cookie-keys.ts";
import { parseSize } from "../internal/parse-size.ts";
import type { Contract, HandlerContext, Prefixed, RouteKey } from "./app-types.ts";
import type { Context } from "./context.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { DispatcherOptions, TrailingSlash } from "./dispatcher.ts";
import type { Application, ErrorReport, Exchange } from "./exchange.ts";
import { fetchThrough } from "./fetch-through.ts";
import type { Handler } from "./handler.ts";
import type { AddedByEach, Middleware } from "./middleware.ts";
import { mountFetch } from "./mount-fetch.ts";
import type { AppLike, DeclaredRoute, ErrorHandler, Owner } from "./mounted.ts";
import { APP, isApp } from "./mounted.ts";
import type { Reply } from "./reply.ts";
import type { Route, RouteInfo } from "./route.ts";
import type { ServiceFactory, ServiceOptions, Token } from "./services.ts";
import { Services } from "./services.ts";
import { callSite } from "./routing/call-site.ts";
import type { Schema } from "./spec/standard-schema.ts";
import type { ResultOf, Spec } from "./spec/types.ts";
import type { WebSocketOptions } from "./websocket/options.ts";
import { upgradeWebSocket } from "./websocket/upgrade-websocket.ts";

/** What holds for a whole App. */
export interface AppOptions {
  /** What `/a/` is where only `/a` is a route, and the reverse. Default `strict`: another address. */
  trailingSlash?: TrailingSlash;
  /** False takes `/A` for `/a`; parameters keep their case. Default true. */
  caseSensitive?: boolean;
  /** Most bytes of a body in memory, where a route says nothing else. Default 1 MiB. */
  maxBody?: number | string;
  /** For signed and encrypted cookies, at least 32 characters each: the first makes, all of them read. */
  cookieSecrets?: readonly string[];
}

// oxlint-disable-next-line no-explicit-any
type AnyMiddleware = Middleware<any, any>;

/** The short form of one method: a path, a spec if wanted, and a handler. */
export interface Verb<Method extends string, State, Vars, Deps, Routes extends object> {
  <const P extends string, R>(
    path: P,
    handler: (c: HandlerContext<P, object, State, Vars, Deps>) => R,
  ): App<State, Vars, Deps, Routes & Added<Method, P, object, Awaited<R>>>;
  <const P extends string, const S extends Spec, R extends ResultOf<S>>(
    path: P,
    spec: S,
    handler: (c: HandlerContext<P, S, State, Vars, Deps>) => R | Promise<R>,
  ): App<State, Vars, Deps, Routes & Added<Method, P, S, R>>;
}

type Added<Method extends string, P extends string, S, R> = {
  readonly [K in RouteKey<Method, P>]: Contract<P, S, R>;
};

/**
 * A table of routes, each compiled once into one function.
 *
 * @example
 * const app = new App().get("/hello/:name", ({ params }) => `Hello, ${params.name}`);
 * await (await app.fetch(new Request("http://localhost/hello/Ada"))).text(); // "Hello, Ada"
 */
export class App<State = undefined, Vars = unknown, Deps = unknown, Routes extends object = object>
  implements Application, AppLike<Routes>
{
  /** The version of the contract by which Apps know each other. */
  readonly [APP] = 1;
  declare readonly "~routes"?: Routes;
  readonly #state: State;
  readonly #options: AppOptions;
  /** Gathering declarations, or telling of a change. */
  #busy = false;
  readonly #declared: (() => DeclaredRoute[])[] = [];
  readonly #layers: AnyMiddleware[] = [];
  readonly #errorHandlers: ErrorHandler[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #services: Services;
  readonly #owner: Owner;
  #dispatcher: Dispatcher | undefined;
  /** Servers that have started this App. */
  #users = 0;

  /** @param state what handlers see as `c.state` */
  constructor(state?: State, options: AppOptions = {}, services = new Services()) {
    this.#state = state as State;
    this.#options = options;
    this.#services = services;
    this.#owner = {
      state,
      maxBody: parseSize(options.maxBody ?? "1MiB"),
      cookieKeys: options.cookieSecrets && new CookieKeys(options.cookieSecrets),
      services,
      onError: this.#errorHandlers,
    };
  }

  readonly get = this.#verb("GET");
  readonly post = this.#verb("POST");
  readonly put = this.#verb("PUT");
  readonly patch = this.#verb("PATCH");
  readonly delete = this.#verb("DELETE");
  /** HEAD is answered by `get` too; this is for an answer of its own. */
  readonly head = this.#verb("HEAD");
  /** OPTIONS is answered with `Allow` for every path; this is for an answer of its own. */
  readonly options = this.#verb("OPTIONS");
  /** A safe method with a body (draft-ietf-httpbis-safe-method-w-body). */
  readonly query = this.#verb("QUERY");
  /** Any method. */
  readonly all = this.#verb("ALL");

  /** One or more methods by name, such as `PURGE` or `["PUT", "PATCH"]`. */
  on<const M extends string>(methods: M | readonly M[]): Verb<M, State, Vars, Deps, Routes> {
    return this.#verb(...(typeof methods === "string" ? [methods] : methods));
  }

  /**
   * A WebSocket route, over HTTP/1.1 and HTTP/2.
   * @example
   * app.ws("/room/:id", {
   *   open: (ws, { params }) => ws.subscribe(params.id),
   *   message: (ws, text) => ws.publish(ws.data, text),
   * })
   */
  ws<const P extends string, D = undefined, S extends Schema | undefined = undefined>(
    path: P,
    options: WebSocketOptions<HandlerContext<P, object, State, Vars, Deps>, D, S> & {
      readonly use?: readonly AnyMiddleware[];
    },
  ): App<
    State,
    Vars,
    Deps,
    Routes & { readonly [K in `WS ${P}`]: Contract<P, { message: S }, D> }
  > {
    const handler = (c: Context) => {
      const report = (error: unknown) => void c.report(error);
      return upgradeWebSocket(c.exchange, options, c, { headers: c.pendingHeaders, report });
    };
    const { use = [] } = options;
    const spec = { documented: false };
    return this.add({ path, methods: ["GET", "CONNECT"], handler, spec, use }) as never;
  }

  /** Adds a route as a value, as a gateway does. @throws TypeError when its path cannot be read */
  add(route: Route): this {
    const layers = [...this.#layers, ...(route.use ?? []), ...(route.spec?.use ?? [])];
    const owner = this.#owner;
    const { place = callSite() } = route;
    this.#declare({ ...route, layers, owner, place, fallback: false });
    return this;
  }

  /** Puts middleware around every route declared after it, and around what no route answers. */
  use<M extends readonly AnyMiddleware[]>(
    ...layers: M
  ): App<State, Vars & AddedByEach<M>, Deps, Routes> {
    for (const layer of layers) {
      if (layer.install === undefined) this.#layers.push(layer);
      else layer.install(this);
    }
    this.#changed();
    return this as never;
  }

  /**
   * Declares a service: a value that handlers find in `c.deps`, made once for the App or for each request.
   * @example
   * new App()
   *   .provide("db", () => open("app.db"), { dispose: (db) => db.close() })
   *   .provide("users", ({ db }) => new Users(db))
   *   .get("/users", ({ deps }) => deps.users.all())
   */
  provide<const Name extends string, T>(
    name: Name | Token<Name, T>,
    factory: ServiceFactory<T, Deps>,
    options?: ServiceOptions<T>,
  ): App<State, Vars, Deps & { readonly [K in Name]: T }, Routes> {
    const key = typeof name === "string" ? name : name.token;
    this.#services.provide(key, factory as ServiceFactory, options as ServiceOptions<never>);
    this.#changed();
    return this as never;
  }

  /** Makes the services. A server does it before it listens; the first request does it otherwise. */
  async start(): Promise<void> {
    await this.#dispatch().start();
    this.#users++;
  }

  /** Ends the services, the last made first, once everyone who called {@link start} has called this. */
  async stop(): Promise<void> {
    if (--this.#users > 0) return;
    this.#users = 0;
    await this.#dispatch().stop();
  }

  /**
   * Routes with middleware of their own.
   * @example app.group([signedIn], (inner) => inner.get("/me", ({ vars }) => vars.user))
   */
  group<const M extends readonly AnyMiddleware[], R extends object>(
    layers: M,
    routes: (inner: App<State, Vars & AddedByEach<M>, Deps>) => AppLike<R>,
  ): App<State, Vars, Deps, Routes & R> {
    const inner = new App<State>(this.#state, this.#options, this.#services);
    inner.use(...layers);
    routes(inner as never);
    return this.#mount(inner, {}) as never;
  }

  /** The routes of another App under a prefix. They keep its state, services and error handling. */
  route<const Prefix extends string, R extends object>(
    prefix: Prefix,
    other: AppLike<R>,
  ): App<State, Vars, Deps, Routes & Prefixed<Prefix, R>> {
    if (!prefix.startsWith("/") || prefix.includes("*")) {
      const hint = 'it must begin with "/" and have no "*"';
      throw new TypeError(`prefix ${JSON.stringify(prefix)}: ${hint}`);
    }
    return this.#mount(other, { prefix }) as never;
  }

  /** The routes of another App for one host: exact, or `*.example.com` (one label). */
  host<R extends object>(pattern: string, other: AppLike<R>): App<State, Vars, Deps, Routes & R> {
    return this.#mount(other, { host: pattern }) as never;
  }

  /** Hands everything under a prefix to a `fetch`-shaped function, such as another framework's; the prefix is cut off. */
  mount(prefix: string, fetch: (request: Request) => Response | Promise<Response>): this {
    const handler = mountFetch(prefix, fetch);
    const base = prefix === "/" ? "" : prefix;
    if (base !== "") this.add({ path: base, handler });
    return this.add({ path: `${base}/*`, handler });
  }

  /**
   * Answers what no route does: unknown addresses, and the targets that are not paths (`OPTIONS *`, CONNECT).
   * If left out they get 404, 204 and 405.
   */
  fallback(handler: Handler<HandlerContext<"", object, State, Vars, Deps>>): this {
    const route: Route = { path: "/*", handler };
    const [layers, owner, place] = [this.#layers, this.#owner, callSite()];
    this.#declare({ ...route, layers, owner, place, fallback: true });
    return this;
  }

  /**
   * Is asked once about every error of this App's routes; what it returns is sent, and `undefined` leaves the
   * standard answer: a problem document for an {@link HttpError}, a 500 with an id for what is unknown.
   */
  onError(handler: (error: unknown, c: Context) => unknown): this {
    this.#errorHandlers.push(handler);
    return this;
  }

  /** Every route, as lists, metrics and the OpenAPI document want it. */
  routes(): RouteInfo[] {
    return this.#dispatch().routes;
  }

  /** Answers one exchange; errors become replies, and unknown ones are reported. */
  handle(exchange: Exchange, report?: ErrorReport): Reply | Promise<Reply> {
    return this.#dispatch().handle(exchange, report);
  }

  /** Answers a web `Request`, for tests and other runtimes. */
  fetch = (request: Request): Promise<Response> => fetchThrough(this, request);

  declarations(): DeclaredRoute[] {
    if (this.#busy) throw new TypeError("an App is mounted in itself, or in a circle");
    this.#busy = true;
    try {
      return this.#declared.flatMap((declare) => declare());
    } finally {
      this.#busy = false;
    }
  }

  /** What holds for all of it: for what answers with its routes in another way, as a test App does. */
  settings(): DispatcherOptions {
    return { ...this.#options, layers: this.#layers, owner: this.#owner };
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #verb<M extends string>(...methods: M[]): Verb<M, State, Vars, Deps, Routes> {
    const verb = (path: string, ...rest: [Handler] | [Spec, Handler]) => {
      const [spec, handler] = rest.length === 1 ? [{}, rest[0]] : rest;
      if (typeof handler !== "function") {
        throw new TypeError(`route ${path}: give a handler, as in app.get(path, spec, handler)`);
      }
      const any = methods[0] === "ALL";
      return this.add({ path, handler, spec, ...(!any && { methods }) });
    };
    return verb as never;
  }

  #declare(route: DeclaredRoute): void {
    this.#declared.push(() => [route]);
    this.#changed();
  }

  #mount(other: AppLike, under: { prefix?: string; host?: string }): this {
    if (!isApp(other))
      throw new TypeError("only an App can be mounted: use mount() for a fetch function");
    const layers = [...this.#layers];
    this.#declared.push(() =>
      other.declarations().map((route) => this.#adopt(route, layers, under)),
    );
    other.onChange(() => this.#changed());
    this.#changed();
    return this;
  }

  #adopt(
    route: DeclaredRoute,
    layers: readonly AnyMiddleware[],
    { prefix = "/", host }: { prefix?: string; host?: string },
  ): DeclaredRoute {
    const { owner } = route;
    return {
      ...route,
      path: joinPaths(prefix, route.path),
      ...(host !== undefined && route.host === undefined && { host }),
      layers: [...layers, ...route.layers],
      owner: { ...owner, onError: [...owner.onError, ...this.#errorHandlers] },
    };
  }

  #changed(): void {
    this.#dispatcher = undefined;
    // Apps mounted in a circle would tell each other without an end.
    if (this.#busy) return;
    this.#busy = true;
    for (const listener of this.#listeners) listener();
    this.#busy = false;
  }

  #dispatch(): Dispatcher {
    return (this.#dispatcher ??= new Dispatcher(this.declarations(), this.settings()));
  }
}

function joinPaths(prefix: string, path: string): string {
  if (prefix === "/") return path;
  const base = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  return path === "/" ? base : base + path;
}
