import { TextPattern } from "../../core/routing/text-pattern.ts";
import { checkGroups, parseTemplate } from "../../core/template/template.ts";
import { compileRewrite } from "../../middleware/rewrite/rewrite-rule.ts";
import type { KeyPath } from "../path-key.ts";
import type { MiddlewareConfig } from "../schema/config.ts";
import { templateHelp } from "../schema/template.ts";
import type { CheckContext } from "./check.ts";
import { checkValues } from "./values.ts";

type Rule = MiddlewareConfig["rewrite"][number];

/** What of one rule goes together, and what its values need. */
export function checkRewrite(
  context: CheckContext,
  at: KeyPath,
  rules: MiddlewareConfig["rewrite"],
): void {
  for (const [index, rule] of rules.entries()) {
    const place = [...at, index];
    if (context.isDamaged(place)) continue;
    if (!checkKind(context, place, rule)) continue;
    if (rule.from !== undefined && rule.to !== undefined) {
      checkTarget(context, place, rule as Rule & { from: string; to: string });
    }
    if (rule.redirect !== undefined && context.isSet([...place, "go"])) {
      const message = `${context.name([...place, "go"])} has no effect: a redirect is the answer`;
      context.error([...place, "go"], "key", message);
    }
  }
}

function checkKind(context: CheckContext, place: KeyPath, rule: Rule): boolean {
  const kinds = (["from", "strip", "add"] as const).filter((key) => rule[key] !== undefined);
  const name = context.name(place);
  if (kinds.length !== 1) {
    const message =
      kinds.length === 0
        ? `${name} says nothing: it needs from and to, strip or add`
        : `${name} has ${kinds.join(" and ")}: make a rule of each`;
    context.error(place, "key", message);
    return false;
  }
  if ((kinds[0] === "from") === (rule.to !== undefined)) return true;
  const message =
    kinds[0] === "from" ? `${name} needs to` : `${name}.to goes with from, not with ${kinds[0]}`;
  context.error(kinds[0] === "from" ? place : [...place, "to"], "key", message);
  return false;
}

function checkTarget(
  context: CheckContext,
  place: KeyPath,
  { from, to, redirect }: Rule & { from: string; to: string },
): void {
  const at = [...place, "to"];
  const isExpression = from.startsWith("~");
  const match = isExpression
    ? new TextPattern(from.slice(1))
    : { groups: { count: 0, names: new Map<string, number>() }, exec: () => undefined };
  const what = isExpression ? context.name([...place, "from"]) : "a path without ~";
  if (place[0] === "route") {
    checkValues(context, at, to, place[1] as number, { has: match.groups, what });
  }
  try {
    checkGroups(parseTemplate(to), match.groups, what);
  } catch (error) {
    const message = `${context.name(at)} ${(error as Error).message}`;
    if (place[0] !== "route") context.error(at, "value", message, templateHelp(error));
    return;
  }
  try {
    compileRewrite({ match, to, ...(redirect !== undefined && { redirect }) }, true);
  } catch (error) {
    const why = (error as Error).message.replace(/^rewrite to .*?: it /s, "");
    const isAddress = redirect === undefined && /^https?:|^\$\{scheme\}/i.test(to);
    const help = isAddress ? "help: add redirect = 302" : undefined;
    context.error(at, "value", `${context.name(at)} ${why}`, help);
    return;
  }
  if (redirect === undefined || isExpression || from !== to.replace(/[?#].*$/, "")) return;
  const message = `${context.name(place)} redirects to where it comes from: clients will go in circles`;
  context.warn(at, "value", message);
}
