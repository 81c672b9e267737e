import type { Config, RouteConfig } from "../config/schema/config.ts";
import type { Exchange } from "../core/exchange.ts";
import { clientOf, trustOf } from "./compile.ts";
import { conditionsOf, methodMatcher } from "./matchers/conditions.ts";
import type { Matcher } from "./matchers/matcher.ts";
import { hostMatcher, pathMatcher } from "./matchers/place.ts";

/** What one route says to a request. */
export interface Explanation {
  /** Its place in the configuration, from 0. */
  readonly index: number;
  readonly route: RouteConfig;
  /** Whether it answers. */
  readonly answers: boolean;
  /** The first thing it asks for that the request does not have. */
  readonly missing:
    | { readonly name: string; readonly wanted: string; readonly sent: string }
    | undefined;
}

/** Routes in the order in which they are asked: by priority, then as in the file. */
export function routesInOrder(config: Config): { index: number; route: RouteConfig }[] {
  return config.route
    .map((route, index) => ({ index, route }))
    .toSorted((a, b) => b.route.priority - a.route.priority);
}

/** Goes through the routes as a request does, up to the one that answers. The matchers are the gateway's own. */
export function explain(config: Config, exchange: Exchange): Explanation[] {
  const client = clientOf(trustOf(config));
  const explained: Explanation[] = [];
  for (const { index, route } of routesInOrder(config)) {
    const failed = matchersOf(route, client).find((matcher) => !matcher.holds(exchange));
    const missing = failed && {
      name: failed.name,
      wanted: failed.wanted,
      sent: sentFor(failed.name, exchange, client),
    };
    explained.push({ index, route, answers: failed === undefined, missing });
    if (failed === undefined) break;
  }
  return explained;
}

/** Everything that a route asks for. */
function matchersOf({ match }: RouteConfig, client: (exchange: Exchange) => string): Matcher[] {
  const matchers: Matcher[] = [];
  if (match.host !== undefined) matchers.push(hostMatcher([match.host].flat()));
  matchers.push(pathMatcher([match.path].flat()));
  if (match.method !== undefined) matchers.push(methodMatcher([match.method].flat()));
  return [...matchers, ...conditionsOf(match, client)];
}

/** What the request has in the place of what was wanted. */
function sentFor(name: string, exchange: Exchange, client: (exchange: Exchange) => string): string {
  const [kind, ...rest] = name.split(" ");
  switch (kind) {
    case "host":
      return exchange.authority;
    case "path":
      return exchange.path;
    case "method":
      return exchange.method;
    case "client":
      return client(exchange);
    case "protocol":
      return `${exchange.protocol} over ${exchange.scheme}`;
    case "content_type":
      return exchange.headers.get("content-type") ?? "";
    case "header":
      return exchange.headers.joined(rest.join(" ")) ?? "";
    case "cookie":
      return exchange.headers.joined("cookie") ?? "";
    case "query":
      return exchange.query;
    default:
      return "";
  }
}
