import { isGlob } from "../../core/routing/glob-pattern.ts";
import type { RouteConfig } from "../schema/config.ts";
import type { CheckContext } from "./check.ts";

/** Actions whose addresses are rarely one alone. */
const OF_MANY: ReadonlySet<string> = new Set(["proxy", "split", "mirror", "static"]);

/**
 * Paths that end in "/", which are one address here and the beginning of many in other servers (`location /api/`).
 * Warned of where no route has what is below them.
 */
export function warnOfExactPaths(context: CheckContext): void {
  const { route: routes } = context.config;
  const paths = new Set(routes.flatMap(({ match }) => match.path));
  const ofHost = Map.groupBy(routes, hostOf);
  /** A start page of its own is common; a site that has nothing else is not. */
  const hasMore = (route: RouteConfig): boolean =>
    [...new Set([hostOf(route), undefined])].some((host) =>
      ofHost.get(host)?.some((other) => other !== route),
    );
  for (const [index, route] of routes.entries()) {
    const at = ["route", index, "match", "path"];
    if (!OF_MANY.has(route.action.type) || context.isDamaged(at)) continue;
    for (const path of [route.match.path].flat()) {
      const below = `${path}*`;
      if (!path.startsWith("/") || !path.endsWith("/") || isGlob(path) || paths.has(below))
        continue;
      if (path === "/" && hasMore(route)) continue;
      const message = `${context.name(at)} ${JSON.stringify(path)} is this one address, and nothing below it`;
      const help = `help: write ${JSON.stringify(below)} for all of it`;
      context.warn(at, "value", message, help);
    }
  }
}

function hostOf({ match }: RouteConfig): string | undefined {
  return match.host === undefined ? undefined : JSON.stringify(match.host);
}
