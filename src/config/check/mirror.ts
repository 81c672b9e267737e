import type { RouteConfig } from "../schema/config.ts";
import type { CheckContext } from "./check.ts";
import { checkUpstreamName } from "./upstream-name.ts";

type MirrorAction = Extract<RouteConfig["action"], { type: "mirror" }>;

/** Two upstreams that exist and differ, and a name of its own to be counted by. */
export function checkMirror(
  context: CheckContext,
  route: RouteConfig,
  action: MirrorAction,
  index: number,
): void {
  const at = ["route", index, "action"];
  checkUpstreamName(context, [...at, "upstream"], action.upstream);
  checkUpstreamName(context, [...at, "copy_to"], action.copy_to);
  if (action.upstream === action.copy_to) {
    const message = `${context.name([...at, "copy_to"])} is the upstream that answers: it would get each request twice`;
    context.error([...at, "copy_to"], "value", message);
  }
  const same = context.config.route.findIndex(
    (other) => other.action.type === "mirror" && other.name === route.name,
  );
  if (route.name !== undefined && same !== index) {
    const first = context.showOrigin(["route", same]);
    const message = `there is a mirror ${JSON.stringify(route.name)} already (${first}): copies are counted by name`;
    context.error(["route", index, "name"], "value", message);
  }
}
