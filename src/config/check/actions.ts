import { statSync } from "node:fs";
import { embeddedModules } from "../../internal/embedded-modules.ts";
import type { RouteConfig } from "../schema/config.ts";
import { reason } from "../values.ts";
import type { CheckContext } from "./check.ts";
import { checkMirror } from "./mirror.ts";
import { checkRedirect } from "./redirect.ts";
import { checkRespond } from "./respond.ts";
import { checkSplit } from "./split.ts";
import { checkUpstreamName } from "./upstream-name.ts";
import { checkWasmAction } from "./wasm.ts";

/** What an action names must be there, and make sense on its route. */
export function checkAction(context: CheckContext, route: RouteConfig, index: number): void {
  const { action } = route;
  const at = ["route", index, "action"] as const;
  if (action.type === "static") {
    checkDirectory(context, [...at, "root"], action.root);
  } else if (action.type === "redirect") {
    checkRedirect(context, route, action, index);
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
