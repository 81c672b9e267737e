import { statSync } from "node:fs";
import { isGlob } from "../../core/routing/glob-pattern.ts";
import { embeddedModules } from "../../internal/embedded-modules.ts";
import type { RouteConfig } from "../schema/config.ts";
import { reason } from "../values.ts";
import type { CheckContext } from "./check.ts";
import { checkMirror } from "./mirror.ts";
import { checkRespond } from "./respond.ts";
import { checkSplit } from "./split.ts";
import { checkUpstreamName } from "./upstream-name.ts";
import { checkValues } from "./values.ts";
import { checkWasmAction } from "./wasm.ts";

/** What an action names must be there, and make sense on its route. */
export function checkAction(context: CheckContext, route: RouteConfig, index: number): void {
  const { action, match } = route;
  const at = ["route", index, "action"] as const;
  if (action.type === "static") {
    checkDirectory(context, [...at, "root"], action.root);
  } else if (action.type === "redirect") {
    checkValues(context, [...at, "to"], action.to, index);
    const path = list(match.path)[0] as string;
    if (action.keep_path && list(match.path).every((one) => !one.endsWith("/*") || isGlob(one))) {
      context.error(
        [...at, "keep_path"],
        "key",
        `${context.name(["route", index])}.action.keep_path needs a match.path that ends in /*: ${JSON.stringify(path)} leaves nothing over`,
      );
    }
    if (!action.keep_path && list(match.path).some((one) => matches(one, action.to))) {
      context.warn(
        [...at, "to"],
        "value",
        `${context.name(["route", index])} redirects to ${action.to}, which it answers itself: clients will go in circles`,
      );
    }
  } else if (action.type === "proxy") {
    checkUpstreamName(context, [...at, "upstream"], action.upstream);
  } else if (action.type === "split") {
    checkSplit(context, route, action, index);
  } else if (action.type === "mirror") {
    checkMirror(context, route, action, index);
  } else if (action.type === "app") {
    checkModule(context, [...at, "module"], action.module);
  } else if (action.type === "wasm") {
    checkWasmAction(context, action, at);
  } else checkRespond(context, action, index);
}

function matches(pattern: string, path: string): boolean {
  if (!path.startsWith("/") || pattern.startsWith("~") || isGlob(pattern)) return false;
  const bare = path.replace(/[?#].*$/, "");
  return pattern.endsWith("/*") ? bare.startsWith(pattern.slice(0, -1)) : bare === pattern;
}

function checkDirectory(
  context: CheckContext,
  path: readonly (string | number)[],
  root: string,
): void {
  try {
    if (statSync(root).isDirectory()) return;
    context.error(path, "value", `${root} is a file, not a directory`);
  } catch (error) {
    const why = reason(error).replace("no such file", "no such directory");
    context.error(
      path,
      "value",
      `cannot serve ${root}: ${why}`,
      "help: make it, or correct the path",
    );
  }
}

function checkModule(
  context: CheckContext,
  path: readonly (string | number)[],
  module: string,
): void {
  if (embeddedModules.has(module)) return;
  if (statSync(module, { throwIfNoEntry: false })?.isFile() === true) return;
  const help = "help: name a file such as app.ts that exports an App";
  context.error(path, "value", `there is no module ${module}`, help);
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
