import { GlobPattern, isGlob } from "../../core/routing/glob-pattern.ts";
import { literalPath } from "../../core/routing/path-pattern.ts";
import { hostName, RouteTable } from "../../core/routing/route-table.ts";
import { TextPattern } from "../../core/routing/text-pattern.ts";
import type { Matcher } from "./matcher.ts";

/** A host or path as the table of routes takes it, and what is left to ask. */
export interface Place {
  /** For the table: undefined for every host. */
  readonly key: string | undefined;
  readonly matcher: Matcher | undefined;
}

/** An exact name or a wildcard is in the table; an expression is asked. */
export function hostPlace(host: string | undefined): Place {
  return host?.startsWith("~") === true
    ? { key: undefined, matcher: hostMatcher([host]) }
    : { key: host, matcher: undefined };
}

/** Of a glob or an expression the whole segments it begins with are in the table. */
export function pathPlace(path: string): Place & { readonly key: string } {
  const pattern = path.startsWith("~")
    ? new TextPattern(path.slice(1))
    : isGlob(path)
      ? new GlobPattern(path)
      : undefined;
  if (pattern === undefined) return { key: path, matcher: undefined };
  const { beginning } = pattern;
  const key = `${beginning.startsWith("/") ? beginning.slice(0, beginning.lastIndexOf("/") + 1) : "/"}*`;
  const holds: Matcher["holds"] = (exchange) => pattern.test(exchange.path);
  return { key, matcher: { name: "path", wanted: path, holds } };
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
