import type { Exchange } from "./exchange.ts";
import type { Handler } from "./handler.ts";
import type { Middleware } from "./middleware.ts";
import type { Owner } from "./mounted.ts";
import type { Redispatch } from "./redispatch.ts";
import type { Captures } from "./routing/capture-pattern.ts";
import type { Spec } from "./spec/types.ts";

/** A route to add with `App.add`: what the short forms (`get`, `post` …) and a gateway come to. */
export interface Route {
  /** Exact host or `*.example.com` (one label); any host if left out. */
  host?: string;
  /** `/users/:id`, `/files/*rest` … see {@link parsePath}. */
  path: string;
  /** True takes the path as it is: exact, or a prefix ending in `/*`, without parameters. */
  literal?: boolean;
  /** Methods answered; any if left out. GET answers HEAD too. */
  methods?: readonly string[];
  // oxlint-disable-next-line no-explicit-any
  handler: Handler<any>;
  spec?: Spec;
  /** Stands around the handler, first outermost. */
  // oxlint-disable-next-line no-explicit-any
  use?: readonly Middleware<any, any>[];
  /** For lists and metrics. */
  name?: string;
  /** Lower answers first. If left out, the more specific route does. */
  rank?: number;
  /** `file:line` of its declaration; found out if left out. */
  place?: string;
  /** A further condition, asked once host, path and method match. */
  when?: (exchange: Exchange) => boolean;
  /** What is to be found in `c.captures`. */
  capture?: (exchange: Exchange) => Captures | undefined;
}

/** A route as lists, metrics and the OpenAPI document see it. */
export interface RouteInfo {
  /** Undefined for any. */
  readonly methods: readonly string[] | undefined;
  readonly host: string | undefined;
  /** As declared, with the prefixes it was mounted under. */
  readonly path: string;
  readonly name: string | undefined;
  readonly summary: string | undefined;
  /** Names of the middleware around it, outermost first. */
  readonly middleware: readonly string[];
  /** `file:line` of its declaration, where known. */
  readonly place: string | undefined;
  readonly spec: Spec;
  /** The middleware itself, for what it tells of itself. */
  // oxlint-disable-next-line no-explicit-any
  readonly use: readonly Middleware<any, any>[];
}

/** What a context knows of the route that answers it. */
export interface RouteFacts extends RouteInfo {
  /** Names of the path's parameters, in order. */
  readonly params: readonly string[];
  readonly owner: Owner;
  /** Most bytes of a body that are read into memory. */
  readonly maxBody: number;
  /** Encodes results through `returns`; undefined sends them as they are. */
  readonly encode: ((value: unknown, status: number) => unknown) | undefined;
  readonly capture: Route["capture"] | undefined;
  /** Routes a request anew; undefined outside of an App. */
  readonly redispatch?: Redispatch;
  /** Whether another host may lead to another route. */
  readonly routedByHost?: boolean;
}
