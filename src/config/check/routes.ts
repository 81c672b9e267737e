import { SegmentPattern } from "../../core/routing/segment-pattern.ts";
import { TextPattern } from "../../core/routing/text-pattern.ts";
import type { RouteConfig } from "../schema/config.ts";
import { checkAction } from "./actions.ts";
import type { Check, CheckContext } from "./check.ts";
import type { Conditions } from "./covers.ts";
import { covers } from "./covers.ts";
import { warnOfExactPaths } from "./exact-path.ts";

export const checkRoutes: Check = (context) => {
  const { route: routes, tcp_proxy, udp_proxy } = context.config;
  const isElsewhere = tcp_proxy.length + udp_proxy.length > 0;
  if (routes.length === 0 && !isElsewhere && !context.isDamaged(["route"])) {
    context.warn([], "key", "there is no [[route]]: every request will be answered with 404");
  }
  const covered = new Coverage();
  const inOrder = [...routes.entries()].toSorted(([, a], [, b]) => b.priority - a.priority);
  for (const [index, route] of inOrder) {
    if (!context.isDamaged(["route", index, "match"])) checkReach(context, route, index, covered);
  }
  warnOfExactPaths(context);
  for (const [index, route] of routes.entries()) checkAction(context, route, index);
};

/** Each pair of a host and a path is a place in the table of routes. */
const MOST_PAIRS = 100_000;

/** A route that can never match, because earlier ones answer all that it would. */
function checkReach(
  context: CheckContext,
  route: RouteConfig,
  index: number,
  covered: Coverage,
): void {
  const hosts = list(route.match.host ?? ANY);
  const paths = list(route.match.path);
  if (hosts.length * paths.length > MOST_PAIRS) {
    context.error(
      ["route", index, "match"],
      "key",
      `${context.name(["route", index])}.match is ${hosts.length} hosts times ${paths.length} paths: at most ${MOST_PAIRS} pairs make a route`,
      "help: spread them over several routes",
    );
    return;
  }
  if (warnOfImpossible(context, hosts, paths, index)) return;
  const { host: _host, path: _path, ...conditions } = route.match;
  const coverers = new Set<number>();
  let open = false;
  for (const host of hosts) {
    for (const path of paths) {
      const by = covered.find(conditions, nameOf(host), path);
      if (by === undefined) open = true;
      else coverers.add(by);
    }
  }
  for (const host of hosts) {
    for (const path of paths) covered.add(conditions, nameOf(host), path, index);
  }
  if (open) return;
  const first = [...coverers].toSorted((a, b) => a - b)[0] as number;
  const at = context.showOrigin(["route", first]);
  context.warn(
    ["route", index],
    "key",
    `${title(context, index, route)} can never match: ${title(context, first, context.config.route[first] as RouteConfig)} (${at}) comes first and answers all of it`,
    "help: put the more specific route first, or remove one of them",
  );
}

/** Paths begin with a slash, and hosts are compared in lower case: no request meets what asks for anything else. */
function warnOfImpossible(
  context: CheckContext,
  hosts: readonly string[],
  paths: readonly string[],
  index: number,
): boolean {
  const at = ["route", index, "match"];
  // Looked into only where it may be so.
  const never = (all: readonly string[], doubtful: RegExp, anything: SegmentPattern): boolean =>
    all.every((one) => doubtful.test(one) && !new TextPattern(one.slice(1)).meets(anything));
  if (never(paths, /^~\^[^/]/, ANY_PATH)) {
    const message = `${context.name([...at, "path"])} can never match: every path begins with "/"`;
    context.warn([...at, "path"], "value", message, 'help: write it as "~^/…"');
    return true;
  }
  if (never(hosts, /^~.*[A-Z:]/s, ANY_HOST)) {
    const message = `${context.name([...at, "host"])} can never match: host names are compared in lower case, without the port`;
    context.warn([...at, "host"], "value", message);
    return true;
  }
  return false;
}

const ANY_PATH = new SegmentPattern("\\/.*");
const ANY_HOST = new SegmentPattern("[a-z0-9._~%:\\[\\]-]*");

function title(context: CheckContext, index: number, route: RouteConfig): string {
  return route.name === undefined
    ? context.name(["route", index])
    : `route ${JSON.stringify(route.name)}`;
}

const ANY = "";

/** Names are compared in lower case; in an expression \D is not \d. */
function nameOf(host: string): string {
  return host.startsWith("~") ? host : host.toLowerCase();
}

interface Taken {
  readonly conditions: Conditions;
  readonly index: number;
}

/** Of one host and path so many routes are looked at. */
const MOST_TAKEN = 64;

/** Which host and path patterns are taken, and by which routes. Looking one up costs its depth, not their number. */
class Coverage {
  readonly #taken = new Map<string, Taken[]>();

  add(conditions: Conditions, host: string, path: string, index: number): void {
    const id = `${host} ${path}`;
    const taken = this.#taken.get(id);
    if (taken === undefined) this.#taken.set(id, [{ conditions, index }]);
    else if (taken.length < MOST_TAKEN) taken.push({ conditions, index });
  }

  find(conditions: Conditions, host: string, path: string): number | undefined {
    const patterns = patternsAround(path);
    const wildcard =
      host === ANY || host.startsWith("~") ? [] : [`*${host.slice(host.indexOf("."))}`];
    const hosts = host === ANY ? [ANY] : [host, ...wildcard, ANY];
    for (const candidate of hosts) {
      for (const pattern of patterns) {
        const taken = this.#taken.get(`${candidate} ${pattern}`);
        const by = taken?.find((one) => covers(one.conditions, conditions));
        if (by !== undefined) return by.index;
      }
    }
    return undefined;
  }
}

/** The pattern itself and every prefix pattern that contains it: `/a/b` → `/a/b`, `/*`, `/a/*`. */
function patternsAround(path: string): string[] {
  const patterns = [path];
  // Of an expression only what it begins with is known.
  const literal = path.startsWith("~")
    ? new TextPattern(path.slice(1)).beginning || "/"
    : path.endsWith("/*")
      ? path.slice(0, -1)
      : path;
  for (let at = literal.indexOf("/"); at >= 0; at = literal.indexOf("/", at + 1)) {
    patterns.push(`${literal.slice(0, at + 1)}*`);
  }
  return patterns;
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
