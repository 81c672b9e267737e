import { compose } from "./compose.ts";
import type { Runner } from "./compose.ts";
import { Context } from "./context.ts";
import { HttpError, problem } from "./errors.ts";
import type { Application, Exchange } from "./exchange.ts";
import type { Handler, Middleware } from "./handler.ts";
import { HeaderList } from "../http/header-list.ts";
import { Reply } from "./reply.ts";
import { RouteTable } from "./route-table.ts";
import { FetchExchange } from "./fetch-exchange.ts";

const APP: unique symbol = Symbol.for("sluice.app");

/** A route to add with {@link App.route}. */
export interface Route {
  /** Exact host or `*.example.com` (one label); any host if left out. */
  host?: string;
  /** An exact path, or a prefix ending in `/*`. */
  path: string;
  /** Methods answered; any if left out. GET answers HEAD too. */
  methods?: readonly string[];
  handler: Handler;
  /** Stands around the handler, first outermost. */
  use?: readonly Middleware[];
  /** For lists and metrics. */
  name?: string;
  /** Lower answers first. If left out, the more specific path does: exact before prefix, longer before shorter. */
  rank?: number;
}

interface CompiledRoute {
  readonly host: string | undefined;
  readonly path: string;
  readonly rank: number;
  readonly methods: ReadonlySet<string> | undefined;
  readonly name: string | undefined;
  readonly run: Runner;
}

/**
 * A table of routes, each compiled once into one function.
 * @example
 * const app = new App().get("/hello", () => "Hello");
 * await (await app.fetch(new Request("http://localhost/hello"))).text(); // "Hello"
 */
export class App implements Application {
  /** The version of the contract: an App is known by this symbol, never by `instanceof`. */
  readonly [APP] = 1;
  readonly #routes: CompiledRoute[] = [];
  #table: RouteTable<CompiledRoute> | undefined;
  #fallback: Runner | undefined;
  #onError: (error: unknown, c: Context) => void = () => {};

  /** Adds a route. @throws TypeError when the path does not begin with a slash. */
  route(route: Route): this {
    if (!route.path.startsWith("/")) {
      throw new TypeError(`route path ${JSON.stringify(route.path)} must begin with "/"`);
    }
    this.#routes.push({
      host: route.host,
      path: route.path,
      rank: route.rank ?? specificity(route.path, route.host),
      methods: route.methods && new Set(withHead(route.methods)),
      name: route.name,
      run: compose(route.use ?? [], route.handler),
    });
    this.#table = undefined;
    return this;
  }

  get(path: string, handler: Handler): this {
    return this.route({ path, methods: ["GET"], handler });
  }
  post(path: string, handler: Handler): this {
    return this.route({ path, methods: ["POST"], handler });
  }
  put(path: string, handler: Handler): this {
    return this.route({ path, methods: ["PUT"], handler });
  }
  delete(path: string, handler: Handler): this {
    return this.route({ path, methods: ["DELETE"], handler });
  }
  /** Any method. */
  all(path: string, handler: Handler): this {
    return this.route({ path, handler });
  }

  /** Is told of every error that is not an {@link HttpError}, for logs; the client sees a plain 500. */
  onError(listener: (error: unknown, c: Context) => void): this {
    this.#onError = listener;
    return this;
  }

  /**
   * Answers what no route does: unknown addresses, and the targets that are not paths (`OPTIONS *`, CONNECT).
   * If left out they get 404, 204 and 405.
   */
  fallback(handler: Handler): this {
    this.#fallback = compose([], handler);
    return this;
  }

  /** Answers one exchange; errors become replies. */
  handle(exchange: Exchange): Reply | Promise<Reply> {
    const table = (this.#table ??= new RouteTable(this.#routes));
    const matches = table.find(exchange.authority, exchange.path);
    const method = exchange.method;
    for (const { entry, rest } of matches) {
      if (entry.methods === undefined || entry.methods.has(method)) {
        return this.#run(entry.run, new Context(exchange, rest));
      }
    }
    const fallback = matches.length === 0 ? this.#fallback : undefined;
    if (fallback !== undefined) return this.#run(fallback, new Context(exchange));
    return unanswered(
      exchange,
      matches.map((match) => match.entry.methods),
    );
  }

  /** Answers a web `Request`, for tests and other runtimes. */
  fetch = async (request: Request): Promise<Response> => {
    try {
      return (await this.handle(new FetchExchange(request))).toResponse();
    } catch (error) {
      if (error instanceof HttpError) return error.toReply().toResponse();
      throw error;
    }
  };

  #run(run: Runner, c: Context): Reply | Promise<Reply> {
    try {
      const reply = run(c);
      if (!(reply instanceof Promise)) {
        return c.pendingHeaders === undefined ? reply : withPending(reply, c);
      }
      return reply.then(
        (settled) => withPending(settled, c),
        (error) => withPending(this.#errorReply(error, c), c),
      );
    } catch (error) {
      return withPending(this.#errorReply(error, c), c);
    }
  }

  #errorReply(error: unknown, c: Context): Reply {
    if (error instanceof HttpError) return error.toReply();
    this.#onError(error, c);
    return problem(500, "internal", "The server met an error answering this request.");
  }
}

/** Headers a handler or middleware left pending are on whichever reply leaves. */
function withPending(reply: Reply, c: Context): Reply {
  const pending = c.pendingHeaders;
  if (pending === undefined) return reply;
  // A frozen reply is shared by many requests.
  const own = reply.headers.frozen ? reply.with(reply.headers.clone()) : reply;
  for (const [name, value] of pending) {
    if (name.toLowerCase() === "set-cookie") own.headers.append(name, value);
    else own.headers.set(name, value);
  }
  return own;
}

/** 404, or 405 with what the path allows (RFC 9110 15.5.6); OPTIONS is answered for any path that exists. */
function unanswered(
  exchange: Exchange,
  methodSets: readonly (ReadonlySet<string> | undefined)[],
): Reply {
  if (methodSets.length === 0) {
    if (exchange.path === "*" && exchange.method === "OPTIONS") return new Reply(null, 204);
    return problem(404, "not_found", "Nothing is served at this address.");
  }
  const allow = new Set<string>(["OPTIONS"]);
  for (const methods of methodSets) for (const method of methods ?? []) allow.add(method);
  const headers = new HeaderList(["Allow", [...allow].toSorted().join(", ")]);
  return problem(
    405,
    "method_not_allowed",
    `This address does not answer ${exchange.method}.`,
    headers,
  );
}

function withHead(methods: readonly string[]): readonly string[] {
  return methods.includes("GET") && !methods.includes("HEAD") ? [...methods, "HEAD"] : methods;
}

/** Rank in code: exact before prefix, longer prefixes first, a named host before any. */
function specificity(path: string, host: string | undefined): number {
  const prefix = path.endsWith("/*") ? 1_000_000 - path.length : 0;
  const hosts = host === undefined ? 2 : host.startsWith("*.") ? 1 : 0;
  return prefix * 3 + hosts;
}
