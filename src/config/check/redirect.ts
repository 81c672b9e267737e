import { isGlob } from "../../core/routing/glob-pattern.ts";
import type { RouteConfig } from "../schema/config.ts";
import type { CheckContext } from "./check.ts";
import { covers } from "./covers.ts";
import { checkValues } from "./values.ts";

type RedirectAction = Extract<RouteConfig["action"], { type: "redirect" }>;

/** A target that can be made, and that is another address than the one that was asked for. */
export function checkRedirect(
  context: CheckContext,
  route: RouteConfig,
  action: RedirectAction,
  index: number,
): void {
  const at = ["route", index, "action"];
  const paths = [route.match.path].flat();
  checkValues(context, [...at, "to"], action.to, index);
  if (action.keep_path && paths.every((one) => !one.endsWith("/*") || isGlob(one))) {
    context.error(
      [...at, "keep_path"],
      "key",
      `${context.name(at)}.keep_path needs a match.path that ends in /*: ${JSON.stringify(paths[0])} leaves nothing over`,
    );
  }
  const name = context.name(["route", index]);
  const isOwn = !action.keep_path && paths.some((one) => matches(one, action.to));
  if (isOwn && !isTakenBefore(context, index, action.to)) {
    const message = `${name} redirects to ${action.to}, which it answers itself: clients will go in circles`;
    context.warn([...at, "to"], "value", message);
  } else if (!action.keep_path && comesBack(context, route, action.to)) {
    const message = `${name} redirects to the address that was asked for: clients will go in circles`;
    const help = 'help: protocol = "http" in its match leaves out what comes over TLS';
    context.warn([...at, "to"], "value", message, action.to.startsWith("https") ? help : undefined);
  }
}

/** Whether the target is the address of the request, for all that the route answers. */
function comesBack({ config }: CheckContext, { match }: RouteConfig, to: string): boolean {
  const parts = /^(?:(https?|\$\{scheme\}):\/\/\$\{host(?:name)?\})?\$\{(?:path|uri)\}$/.exec(to);
  if (parts === null || [match.protocol, match.any, match.not].some(Boolean)) return false;
  const [, scheme] = parts;
  const hasTls = config.server.tls !== undefined || config.server.certificate.length > 0;
  // The scheme that is not spoken here is another server's.
  return scheme === "https" ? hasTls : scheme !== "http" || !hasTls;
}

/** Whether an earlier route answers the target, whatever else is asked for. */
function isTakenBefore({ config }: CheckContext, index: number, to: string): boolean {
  const own = config.route[index] as RouteConfig;
  return config.route.some(({ match, priority }, other) => {
    const isEarlier = priority === own.priority ? other < index : priority > own.priority;
    if (!isEarlier || ![match.path].flat().some((one) => matches(one, to))) return false;
    const { host, path: _path, ...conditions } = match;
    const { host: _host, path: _own, ...asked } = own.match;
    const hosts = host === undefined || JSON.stringify(host) === JSON.stringify(own.match.host);
    return hosts && covers(conditions, asked);
  });
}

function matches(pattern: string, path: string): boolean {
  if (!path.startsWith("/") || pattern.startsWith("~") || isGlob(pattern)) return false;
  const bare = path.replace(/[?#].*$/, "");
  return pattern.endsWith("/*") ? bare.startsWith(pattern.slice(0, -1)) : bare === pattern;
}
