import { TextPattern } from "../../core/routing/text-pattern.ts";
import type { Check } from "./check.ts";
import { checkValues } from "./values.ts";

/** Groups and variables of what stands in the place of a backend's addresses. */
export const checkReplyRewriting: Check = (context) => {
  for (const [index, { action }] of context.config.route.entries()) {
    if (!("location" in action) || typeof action.location === "string") continue;
    for (const [at, { from, to }] of action.location.entries()) {
      const place = ["route", index, "action", "location", at];
      if (context.isDamaged(place)) continue;
      const groups = from.startsWith("~")
        ? { has: new TextPattern(from.slice(1)).groups, what: context.name([...place, "from"]) }
        : { has: { count: 0, names: new Map() }, what: "an address without ~" };
      checkValues(context, [...place, "to"], to, index, groups);
    }
  }
};
