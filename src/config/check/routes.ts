import type { RouteConfig } from "../schema/config.ts";
import { checkAction } from "./actions.ts";
import type { Check, CheckContext } from "./check.ts";

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
  const { host: _host, path: _path, ...rest } = route.match;
  const conditions = Object.keys(rest).length === 0 ? "" : JSON.stringify(rest);
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

/** Which conditions, host and path patterns are taken, and by which route. Conditions cover only their like. Looking one up costs its depth, not their number. */
class Coverage {
  readonly #taken = new Map<string, number>();

  add(conditions: string, host: string, path: string, index: number): void {
    const id = `${conditions} ${host} ${path}`;
    if (!this.#taken.has(id)) this.#taken.set(id, index);
  }

  find(conditions: string, host: string, path: string): number | undefined {
    const patterns = patternsAround(path);
    const wildcard =
      host === ANY || host.startsWith("~") ? [] : [`*${host.slice(host.indexOf("."))}`];
    const hosts = host === ANY ? [ANY] : [host, ...wildcard, ANY];
    for (const set of conditions === "" ? [""] : ["", conditions]) {
      for (const candidate of hosts) {
        for (const pattern of patterns) {
          const index = this.#taken.get(`${set} ${candidate} ${pattern}`);
          if (index !== undefined) return index;
        }
      }
    }
    return undefined;
  }
}

/** The pattern itself and every prefix pattern that contains it: `/a/b` → `/a/b`, `/*`, `/a/*`. */
function patternsAround(path: string): string[] {
  // Of an expression only this is known.
  if (path.startsWith("~")) return [path, "/*"];
  const patterns = [path];
  const literal = path.endsWith("/*") ? path.slice(0, -1) : path;
  for (let at = literal.indexOf("/"); at >= 0; at = literal.indexOf("/", at + 1)) {
    patterns.push(`${literal.slice(0, at + 1)}*`);
  }
  return patterns;
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
