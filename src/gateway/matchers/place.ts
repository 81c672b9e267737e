import { GlobPattern, isGlob } from "../../core/routing/glob-pattern.ts";
import { literalPath } from "../../core/routing/path-pattern.ts";
import { hostName, RouteTable } from "../../core/routing/route-table.ts";
import type { Captures } from "../../core/routing/capture-pattern.ts";
import type { Exchange } from "../../core/exchange.ts";
import { TextPattern } from "../../core/routing/text-pattern.ts";
import type { Matcher } from "./matcher.ts";

/** A host or path as the table of routes takes it, and what is left to ask. */
export interface Place {
  /** For the table: undefined for every host. */
  readonly key: string | undefined;
  readonly matcher: Matcher | undefined;
  /** What groups an expression takes; undefined where it has none. */
  readonly capture: ((exchange: Exchange) => Captures | undefined) | undefined;
}

const LITERAL = { matcher: undefined, capture: undefined };

/** An exact name or a wildcard is in the table; an expression is asked. */
export function hostPlace(host: string | undefined): Place {
  if (host?.startsWith("~") !== true) return { key: host, ...LITERAL };
  const capture = captureOf(new TextPattern(host.slice(1)), ({ authority }) => hostName(authority));
  return { key: undefined, matcher: hostMatcher([host]), capture };
}

/** Of a glob or an expression the whole segments it begins with are in the table. */
export function pathPlace(path: string): Place & { readonly key: string } {
  const pattern = path.startsWith("~")
    ? new TextPattern(path.slice(1))
    : isGlob(path)
      ? new GlobPattern(path)
      : undefined;
  if (pattern === undefined) return { key: path, ...LITERAL };
  const { beginning } = pattern;
  const key = `${beginning.startsWith("/") ? beginning.slice(0, beginning.lastIndexOf("/") + 1) : "/"}*`;
  const holds: Matcher["holds"] = (exchange) => pattern.test(exchange.path);
  const capture = pattern instanceof TextPattern ? captureOf(pattern, pathOf) : undefined;
  return { key, matcher: { name: "path", wanted: path, holds }, capture };
}

const pathOf = ({ path }: Exchange): string => path;

/** Expressions without groups have nothing to give. */
function captureOf(pattern: TextPattern, textOf: (exchange: Exchange) => string): Place["capture"] {
  return /\((?!\?:)/.test(pattern.source) && pattern.groups.count > 0
    ? (exchange) => pattern.exec(textOf(exchange))
    : undefined;
}

/** Groups are counted in the path; names may also be those of the host. */
export function captureOfBoth(host: Place["capture"], path: Place["capture"]): Place["capture"] {
  if (host === undefined || path === undefined) return path ?? host;
  return (exchange) => {
    const [inHost, inPath] = [host(exchange), path(exchange)];
    if (inPath === undefined) return undefined;
    const groups = { ...inHost?.groups, ...inPath.groups };
    return Object.assign([...(inPath as unknown as string[])], { groups });
  };
}

/** Any of several hosts, by the rules of the table. */
export function hostMatcher(hosts: readonly string[]): Matcher {
  const patterns = hosts
    .filter((host) => host.startsWith("~"))
    .map((host) => new TextPattern(host.slice(1)));
  const pattern = literalPath("/*");
  const table = new RouteTable(
    hosts.filter((host) => !host.startsWith("~")).map((host) => ({ host, pattern, rank: 0 })),
  );
  return {
    name: "host",
    wanted: hosts.join(" or "),
    holds({ authority }) {
      if (table.find(authority, "/").length > 0) return true;
      const name = hostName(authority);
      return patterns.some((one) => one.test(name));
    },
  };
}

/** Any of several paths, by the rules of the table. */
export function pathMatcher(paths: readonly string[]): Matcher {
  const places = paths.map(pathPlace);
  const table = new RouteTable(
    places.map(({ key, matcher }) => ({
      host: undefined,
      pattern: literalPath(key),
      rank: 0,
      matcher,
    })),
  );
  return {
    name: "path",
    wanted: paths.join(" or "),
    holds: (exchange) =>
      table.find("", exchange.path).some(({ entry }) => entry.matcher?.holds(exchange) ?? true),
  };
}
