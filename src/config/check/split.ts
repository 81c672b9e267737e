import type { KeyPath } from "../path-key.ts";
import type { RouteConfig } from "../schema/config.ts";
import type { CheckContext } from "./check.ts";
import { checkUpstreamName } from "./upstream-name.ts";

type SplitAction = Extract<RouteConfig["action"], { type: "split" }>;

/** Sides that exist, can be told apart, and have a share; a name of its own; one thing to be sticky by. */
export function checkSplit(
  context: CheckContext,
  route: RouteConfig,
  action: SplitAction,
  index: number,
): void {
  const at = ["route", index, "action"];
  const names = new Set<string>();
  for (const [place, { upstream, name = upstream }] of action.choices.entries()) {
    const path = [...at, "choices", place];
    checkUpstreamName(context, [...path, "upstream"], upstream);
    if (names.has(name)) {
      const key = context.isSet([...path, "name"]) ? "name" : "upstream";
      const message = `there is a choice ${JSON.stringify(name)} already: give each a name of its own`;
      context.error([...path, key], "value", message);
    }
    names.add(name);
  }
  const choices = [...at, "choices"];
  if (action.choices.every(({ weight }) => weight === 0) && !context.isDamaged(choices)) {
    const message = `${context.name(choices)} all have the weight 0: nobody would be asked`;
    context.error(choices, "key", message);
  }
  checkSticky(context, action, [...at, "sticky"]);
  const same = context.config.route.findIndex(
    (other) => other.action.type === "split" && other.name === route.name,
  );
  if (route.name !== undefined && same !== index) {
    const first = context.showOrigin(["route", same]);
    const message = `there is a split ${JSON.stringify(route.name)} already (${first}): counts and changes go by name`;
    context.error(["route", index, "name"], "value", message);
  }
}

function checkSticky(context: CheckContext, { sticky }: SplitAction, at: KeyPath): void {
  if (sticky === undefined) return;
  const name = context.name(at);
  if ((sticky.cookie === undefined) === (sticky.header === undefined) && !context.isDamaged(at)) {
    context.error(at, "key", `${name} needs either cookie or header`);
  }
  if (sticky.cookie !== undefined) return;
  for (const key of ["set_cookie", "max_age_secs"]) {
    if (!context.isSet([...at, key])) continue;
    context.error([...at, key], "key", `${context.name([...at, key])} needs cookie beside it`);
  }
}
