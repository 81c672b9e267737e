import { isGlob } from "../../core/routing/glob-pattern.ts";
import type { GroupNames } from "../../core/routing/capture-pattern.ts";
import { TextPattern } from "../../core/routing/text-pattern.ts";
import type { TemplatePart } from "../../core/template/template.ts";
import { checkGroups, hasVariable, parseTemplate } from "../../core/template/template.ts";
import type { KeyPath } from "../path-key.ts";
import type { RouteConfig } from "../schema/config.ts";
import { templateHelp } from "../schema/template.ts";
import type { CheckContext } from "./check.ts";

/**
 * What `$1`, `$<name>` and `${variable}` of a value need on their route: groups in its expressions, a prefix that
 * leaves a rest, a request id.
 * @param groups of another expression than those of the route
 */
export function checkValues(
  context: CheckContext,
  at: KeyPath,
  source: string,
  index: number,
  groups?: { readonly has: GroupNames; readonly what: string },
): void {
  const route = context.config.route[index] as RouteConfig;
  const match = ["route", index, "match"];
  if (context.isDamaged(match) || context.isDamaged(at)) return;
  const sets = groups === undefined ? groupsOf(route.match) : [groups.has];
  let parts: readonly TemplatePart[] = [];
  try {
    parts = parseTemplate(source);
    for (const has of sets) checkGroups(parts, has, groups?.what ?? context.name(match));
  } catch (error) {
    const message = `${context.name(at)} ${(error as Error).message}`;
    const help = 'help: groups are ( ) or (?<name> ) in path = "~regexp"';
    const isGroup = parts.length > 0 && groups === undefined;
    context.error(at, "value", message, templateHelp(error) ?? (isGroup ? help : undefined));
  }
  const paths = [route.match.path].flat();
  if (hasVariable(parts, "rest") && !paths.every((path) => path.endsWith("/*") && !isGlob(path))) {
    const message = `${context.name(at)} has \${rest}, which needs a match.path that ends in /*`;
    context.error(at, "value", message);
  }
  const id = route.middleware.request_id ?? context.config.middleware.request_id;
  if (hasVariable(parts, "request_id") && !id) {
    const help = "help: add request_id = {} to [middleware] or [route.middleware]";
    const message = `${context.name(at)} has \${request_id}, but no middleware gives requests an id`;
    context.error(at, "value", message, help);
  }
}

/** The groups of each path; those of the host where a path has none, and its names beside. */
function groupsOf({ host, path }: RouteConfig["match"]): GroupNames[] {
  const hosts = [host ?? ""].flat().map(groupsIn);
  const paths = [path].flat().map(groupsIn);
  return hosts.flatMap((ofHost) =>
    paths.map((ofPath) => ({
      count: ofPath.count === 0 ? ofHost.count : ofPath.count,
      names: new Map([...ofHost.names, ...ofPath.names]),
    })),
  );
}

function groupsIn(pattern: string): GroupNames {
  return pattern.startsWith("~")
    ? new TextPattern(pattern.slice(1)).groups
    : { count: 0, names: new Map() };
}
