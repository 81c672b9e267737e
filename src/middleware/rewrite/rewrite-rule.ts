import type { Context } from "../../core/context.ts";
import type { Captures, GroupNames } from "../../core/routing/capture-pattern.ts";
import type { LocationTemplate } from "../../core/template/location-template.ts";
import { locationTemplate } from "../../core/template/location-template.ts";
import { checkGroups, hasVariable, parseTemplate } from "../../core/template/template.ts";
import type { PathRules } from "../../http/path.ts";
import { canonicalPath } from "../../http/path.ts";

/** One way to change an address, and what happens then. */
export type RewriteRule = RewriteChange & RewriteOutcome;

/** One way to change an address. */
export type RewriteChange =
  /**
   * A pattern of canonical paths, and what becomes of those: `$1` to `$99` and `$<name>` are its groups, `${host}` and
   * the like variables of the request, `$$` is a dollar. A query in it (`/item?id=$1`) comes before the one of the
   * request.
   */
  | { readonly match: RegExp | PathPattern; readonly to: string }
  /** Cuts a prefix off: `/api` makes `/api/users` `/users`, and `/api` `/`. */
  | { readonly strip: string }
  /** Puts a prefix before every path that does not have it: `/v1` makes `/users` `/v1/users`. */
  | { readonly add: string };

export interface RewriteOutcome {
  /** Whether the rule is for a request, which has the address that rules before it made. Default: for every one. */
  readonly when?: (c: Context) => boolean;
  /** Tells the client to go there, with this status, in the place of answering: then `to` may have a host. */
  readonly redirect?: 301 | 302 | 303 | 307 | 308;
  /**
   * `route` (default) routes the request anew; `next` goes on with the next rule, and behind the last with the
   * handler of this route; `stop` does so at once.
   */
  readonly go?: "route" | "next" | "stop";
  /** Whether the request's query goes on, behind that of the rule. Default: as the options say. */
  readonly query?: "keep" | "drop";
}

/** Whatever finds groups in a path. */
export interface PathPattern {
  readonly groups: GroupNames;
  exec(path: string): Captures | undefined;
}

/** A changed address. */
export interface Rewritten {
  /** Canonical; of a redirect also with scheme and host. */
  readonly path: string;
  /** With the request's own where that is kept, without its "?", or "". */
  readonly query: string;
  /** With its "#", or "". */
  readonly fragment: string;
}

/** What a rule makes of a request's address; undefined where it says nothing; "unsafe" for what must not be. */
export type Rewriter = (c: Context) => Rewritten | "unsafe" | undefined;

/** @throws TypeError when the rule cannot be right */
export function compileRewrite(rule: RewriteRule, keepsQuery: boolean): Rewriter {
  const keep = rule.query === undefined ? keepsQuery : rule.query === "keep";
  if ("strip" in rule) return prefixed(stripping(prefixOf(rule.strip)), keep);
  if ("add" in rule) return prefixed(adding(prefixOf(rule.add)), keep);
  return replacing(rule.match, rule.to, rule.redirect !== undefined, keep);
}

function prefixOf(prefix: string): string {
  const canonical = canonicalPath(prefix);
  if (!canonical.ok || canonical.path === "/") {
    throw new TypeError(`prefix ${JSON.stringify(prefix)}: use a path such as "/api"`);
  }
  return canonical.path.endsWith("/") ? canonical.path.slice(0, -1) : canonical.path;
}

/** `/api` is no prefix of `/apix`. */
function hasPrefix(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/");
}

function stripping(prefix: string): (path: string) => string | undefined {
  return (path) => (hasPrefix(path, prefix) ? path.slice(prefix.length) || "/" : undefined);
}

function adding(prefix: string): (path: string) => string | undefined {
  return (path) => (hasPrefix(path, prefix) ? undefined : prefix + path);
}

function prefixed(change: (path: string) => string | undefined, keep: boolean): Rewriter {
  return ({ exchange }) => {
    const path = change(exchange.path);
    return path === undefined
      ? undefined
      : { path, query: keep ? exchange.query : "", fragment: "" };
  };
}

function replacing(
  match: RegExp | PathPattern,
  to: string,
  redirects: boolean,
  keep: boolean,
): Rewriter {
  const pattern = match instanceof RegExp ? expressionPattern(match) : match;
  const { target, saysQuery } = compileTarget(to, pattern.groups, redirects);
  return (c) => {
    const found = pattern.exec(c.exchange.path);
    if (found === undefined) return undefined;
    const base = target.base(c, found);
    // Pieces that are harmless apart can come to a dot segment together, and lead out of the place meant.
    if (/\/\.\.?(?:\/|$)/.test(base.replaceAll(/%2e/gi, "."))) return "unsafe";
    const own = target.query(c, found);
    const sent = keep && !saysQuery ? c.exchange.query : "";
    const query = own !== "" && sent !== "" ? `${own}&${sent}` : own + sent;
    if (redirects) return { path: base, query, fragment: target.fragment(c, found) };
    // A variable such as ${uri} brings a query along.
    const mark = base.indexOf("?");
    const bare = mark < 0 ? base : base.slice(0, mark);
    const brought = mark < 0 ? "" : base.slice(mark + 1);
    const canonical = canonicalPath(bare, rulesOf(c.exchange.path));
    if (!canonical.ok) return "unsafe";
    const both = brought !== "" && query !== "" ? `${brought}&${query}` : brought + query;
    return { path: canonical.path, query: both, fragment: "" };
  };
}

/** What a path was let in with may stay in it; a rule puts nothing of that kind together. */
function rulesOf(path: string): PathRules {
  return {
    slashes: path.includes("//") ? "keep" : "merge",
    encodedSlash: /%2f/i.test(path) ? "keep" : "refuse",
    backslash: /%5c|\\/i.test(path) ? "keep" : "refuse",
  };
}

/** @throws TypeError */
function compileTarget(
  to: string,
  groups: GroupNames,
  redirects: boolean,
): { target: LocationTemplate; saysQuery: boolean } {
  try {
    const parts = parseTemplate(to);
    checkGroups(parts, groups, "the pattern");
    const [first] = parts;
    // Of a path that begins with a group there is one slash, whether the group has it or not.
    const isGroup = typeof first === "object" && "group" in first;
    const target = locationTemplate(isGroup ? ["/", ...parts] : parts);
    const isPath = typeof first === "string" ? first.startsWith("/") : !to.startsWith("${scheme}");
    if (!redirects && (!isPath || to.includes("#"))) {
      throw new TypeError('must be a path beginning with "/", without "#"');
    }
    return { target, saysQuery: hasVariable(parts, "uri") || hasVariable(parts, "query") };
  } catch (error) {
    throw new TypeError(`rewrite to ${JSON.stringify(to)}: it ${(error as Error).message}`);
  }
}

function expressionPattern(match: RegExp): PathPattern {
  // Without the flags that make a pattern remember where it was.
  const pattern = new RegExp(match.source, match.flags.replaceAll(/[gy]/g, ""));
  const empty = new RegExp(`${pattern.source}|`, pattern.flags).exec("") as RegExpExecArray;
  const names = Object.keys(empty.groups ?? {}).map((name) => [name, 0] as const);
  return {
    groups: { count: empty.length - 1, names: new Map(names) },
    exec: (path) => (pattern.exec(path) as Captures | null) ?? undefined,
  };
}
