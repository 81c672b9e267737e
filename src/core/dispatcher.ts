import { HeaderList } from "../http/header-list.ts";
import type { CompiledRoute } from "./compiled-route.ts";
import { compileRoute } from "./compiled-route.ts";
import type { Runner } from "./compose.ts";
import { compose, runnerOf } from "./compose.ts";
import { Context } from "./context.ts";
import { errorReply } from "./error-reply.ts";
import { problem } from "./errors.ts";
import type { ErrorReport, Exchange } from "./exchange.ts";
import type { Middleware } from "./middleware.ts";
import type { DeclaredRoute, Owner } from "./mounted.ts";
import { noRoute } from "./no-route.ts";
import type { Origin, Redispatch } from "./redispatch.ts";
import { Reply } from "./reply.ts";
import { redirectReply } from "./replies.ts";
import type { RouteFacts, RouteInfo } from "./route.ts";
import { refuseConflicts } from "./routing/conflicts.ts";
import type { Match } from "./routing/path-tree.ts";
import { RouteTable } from "./routing/route-table.ts";
import { compareRank } from "./routing/specificity.ts";
import type { Services } from "./services.ts";

export interface DispatcherOptions {
  readonly trailingSlash?: TrailingSlash;
  readonly caseSensitive?: boolean;
  /** Around what no route answers. */
  // oxlint-disable-next-line no-explicit-any
  readonly layers: readonly Middleware<any, any>[];
  readonly owner: Owner;
}

/** `strict`: another address; `ignore`: the same; `redirect`: 308 to the one that exists. */
export type TrailingSlash = "strict" | "ignore" | "redirect";

/** Compiled routes, and what becomes of an exchange among them. */
export class Dispatcher {
  readonly routes: RouteInfo[];
  readonly #table: RouteTable<CompiledRoute>;
  readonly #options: DispatcherOptions;
  readonly #nowhere: RouteFacts;
  readonly #services: ReadonlySet<Services>;
  #ready: boolean;

  /** @throws TypeError when two routes of equal rank can meet */
  constructor(declared: readonly DeclaredRoute[], options: DispatcherOptions) {
    const redispatch: Redispatch = (exchange, report, origin) =>
      this.#route(exchange, report, origin);
    const routedByHost = declared.some(({ host }) => host !== undefined);
    const anew = { redispatch, routedByHost };
    const compiled = rank(declared.flatMap((one) => compileRoute(one, anew)));
    const facts = new Map<DeclaredRoute, RouteInfo>();
    for (const one of compiled) if (!isFallback(one)) facts.set(one.declared, one.facts);
    this.routes = [...facts.values()];
    this.#services = new Set(
      [options.owner, ...declared.map(({ owner }) => owner)].map(({ services }) => services),
    );
    this.#ready = [...this.#services].every(({ ready }) => ready);
    this.#table = new RouteTable(compiled, options.caseSensitive === false);
    this.#options = options;
    this.#nowhere = { ...noRoute, use: options.layers, owner: options.owner, ...anew };
  }

  /** Makes the services of every App in here, one App after another. */
  async start(): Promise<void> {
    for (const services of this.#services) await services.start();
    this.#ready = true;
  }

  /** Ends the services of every App in here. All of them are ended; then the first failure is thrown. */
  async stop(): Promise<void> {
    this.#ready = false;
    const ended = await Promise.allSettled([...this.#services].map((services) => services.stop()));
    const failure = ended.find((one) => one.status === "rejected");
    if (failure !== undefined) throw failure.reason;
  }

  handle(exchange: Exchange, report?: ErrorReport): Reply | Promise<Reply> {
    if (!this.#ready) return this.#startFirst(exchange, report);
    return this.#route(exchange, report, undefined);
  }

  /** @param origin of a request that is routed anew */
  #route(
    exchange: Exchange,
    report: ErrorReport | undefined,
    origin: Origin | undefined,
  ): Reply | Promise<Reply> {
    const matches = this.#table.find(exchange.authority, exchange.path);
    const match = choose(matches, exchange, exchange.method);
    if (match !== undefined) return this.#answer(match, exchange, report, origin);
    return this.#unanswered(matches, exchange, report, origin);
  }

  async #startFirst(exchange: Exchange, report: ErrorReport | undefined): Promise<Reply> {
    try {
      await this.start();
    } catch (error) {
      return errorReply(error, new Context(exchange, "", this.#nowhere, [], report));
    }
    return this.handle(exchange, report);
  }

  #answer(
    { entry, values, rest }: Match<CompiledRoute>,
    exchange: Exchange,
    report: ErrorReport | undefined,
    origin: Origin | undefined,
  ): Reply | Promise<Reply> {
    exchange.route = entry.facts;
    const c = new Context(exchange, rest, entry.facts, values, report);
    if (origin !== undefined) c.continueFrom(origin);
    return run(entry.run, c);
  }

  /** No route takes the method: a fallback, a path spelt with another slash, or an answer of our own. */
  #unanswered(
    matches: readonly Match<CompiledRoute>[],
    exchange: Exchange,
    report: ErrorReport | undefined,
    origin: Origin | undefined,
  ): Reply | Promise<Reply> {
    const { method } = exchange;
    const own = matches.filter(({ entry }) => !isFallback(entry) && holds(entry, exchange));
    if (own.length === 0) {
      const fallback = matches.find(({ entry }) => isFallback(entry)) ?? this.#pathless(exchange);
      if (fallback !== undefined) return this.#answer(fallback, exchange, report, origin);
      const none = notFound(exchange);
      return (
        this.#otherSlash(exchange, report, origin) ?? this.#own(exchange, report, origin, none)
      );
    }
    const allow = allowed(own);
    if (method !== "OPTIONS") return this.#own(exchange, report, origin, notAllowed(method, allow));
    // A preflight is about the method to come, whose middleware knows what is allowed across origins.
    const wanted = exchange.headers.get("access-control-request-method") ?? "";
    const about = choose(own, exchange, wanted) ?? (own[0] as Match<CompiledRoute>);
    const reply = (): Reply => new Reply(null, 204, new HeaderList(["Allow", allow]));
    const { facts, declared } = about.entry;
    const c = new Context(exchange, about.rest, facts, about.values, report);
    if (origin !== undefined) c.continueFrom(origin);
    return run(compose(declared.layers, runnerOf(reply)), c);
  }

  /** `OPTIONS *` and CONNECT name no path, so no route can match them. */
  #pathless({ path }: Exchange): Match<CompiledRoute> | undefined {
    return path.startsWith("/")
      ? undefined
      : this.#table.find("", "/").find(({ entry }) => isFallback(entry));
  }

  /** What no handler answers still goes through the middleware of the App. */
  #own(
    exchange: Exchange,
    report: ErrorReport | undefined,
    origin: Origin | undefined,
    answer: () => Reply,
  ): Reply | Promise<Reply> {
    const c = new Context(exchange, "", this.#nowhere, [], report);
    if (origin !== undefined) c.continueFrom(origin);
    return run(compose(this.#options.layers, runnerOf(answer)), c);
  }

  #otherSlash(
    exchange: Exchange,
    report: ErrorReport | undefined,
    origin: Origin | undefined,
  ): Reply | Promise<Reply> | undefined {
    const { trailingSlash = "strict" } = this.#options;
    const { path, query, method } = exchange;
    if (trailingSlash === "strict" || path.length < 2) return undefined;
    const other = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
    const matches = this.#table.find(exchange.authority, other);
    const match = choose(matches, exchange, method);
    if (match === undefined) return undefined;
    if (trailingSlash === "ignore") return this.#answer(match, exchange, report, origin);
    const location = query === "" ? other : `${other}?${query}`;
    return this.#own(exchange, report, origin, () => redirectReply(location, 308));
  }
}

/** Ranks become numbers once, in the order of {@link compareRank}. */
function rank(routes: CompiledRoute[]): CompiledRoute[] {
  const ranked = routes.map((route) => ({
    route,
    host: route.host,
    pattern: route.pattern,
    order: route.declared.fallback ? Infinity : route.declared.rank,
    narrowed: narrowness(route),
    path: route.declared.path,
    methods: route.declared.methods,
    conditional: route.when !== undefined,
    place: route.declared.place,
  }));
  refuseConflicts(ranked);
  for (const [index, { route }] of ranked.toSorted(compareRank).entries()) route.rank = index;
  return routes;
}

/** A condition counts more than methods; a HEAD of its own comes before that of a GET. */
function narrowness({ methods, when }: CompiledRoute): number {
  const byMethod = methods === undefined ? 0 : methods.size === 1 && methods.has("HEAD") ? 2 : 1;
  return byMethod + (when === undefined ? 0 : 3);
}

function choose(
  matches: readonly Match<CompiledRoute>[],
  exchange: Exchange,
  method: string,
): Match<CompiledRoute> | undefined {
  for (let i = 0; i < matches.length; i++) {
    const match = matches[i] as Match<CompiledRoute>;
    const { methods, declared } = match.entry;
    if (declared.fallback || (methods !== undefined && !methods.has(method))) continue;
    if (holds(match.entry, exchange)) return match;
  }
  return undefined;
}

function isFallback({ declared }: CompiledRoute): boolean {
  return declared.fallback;
}

function holds({ when }: CompiledRoute, exchange: Exchange): boolean {
  return when === undefined || when(exchange);
}

/** Runs a route. Whatever happens there is one reply, with the headers that were left pending. */
function run(runner: Runner, c: Context): Reply | Promise<Reply> {
  let reply: Reply | Promise<Reply>;
  try {
    reply = runner(c);
  } catch (error) {
    reply = errorReply(error, c);
  }
  if (!(reply instanceof Promise)) return withPending(reply, c);
  return reply.then(
    (settled) => withPending(settled, c),
    async (error) => withPending(await errorReply(error, c), c),
  );
}

/** Headers a handler or middleware left pending are on whichever reply leaves. */
function withPending(reply: Reply, c: Context): Reply {
  // Of a request that was routed anew they are pending outside as well, and are merged there.
  const headers = c.passed === undefined ? c.pendingHeaders : undefined;
  const trailers = c.pendingTrailers;
  if ((headers === undefined && trailers === undefined) || reply === Reply.TAKEN) return reply;
  // A frozen list is shared by many replies.
  const own = reply.headers.frozen ? reply.with(reply.headers.clone()) : reply;
  if (headers !== undefined) own.headers.merge(headers, ADDED);
  if (trailers !== undefined) own.trailers ??= () => (trailers.size === 0 ? undefined : trailers);
  return own;
}

/** Fields that come in several lines are added to, others replaced. */
const ADDED = new Set(["set-cookie", "vary", "link", "server-timing", "www-authenticate"]);

function notFound({ path, method }: Exchange): () => Reply {
  if (path === "*" && method === "OPTIONS") return () => new Reply(null, 204);
  return () => problem(404, "not_found", "Nothing is served at this address.");
}

/** RFC 9110 15.5.6. */
function notAllowed(method: string, allow: string): () => Reply {
  return () =>
    problem(
      405,
      "method_not_allowed",
      `This address does not answer ${method}.`,
      new HeaderList(["Allow", allow]),
    );
}

function allowed(matches: readonly Match<CompiledRoute>[]): string {
  const methods = new Set(["OPTIONS"]);
  for (const { entry } of matches) for (const method of entry.methods ?? []) methods.add(method);
  return [...methods].toSorted().join(", ");
}
