import { TextPattern } from "../../core/routing/text-pattern.ts";
import { checkGroups, parseTemplate } from "../../core/template/template.ts";
import type { KeyPath } from "../path-key.ts";
import type { Config } from "../schema/config.ts";
import { templateHelp } from "../schema/template.ts";
import type { CheckContext } from "./check.ts";
import { checkValues } from "./values.ts";

type Table = Config["middleware"];

/** Groups and variables of what is set and replaced in fields and bodies. */
export function checkTextRules(context: CheckContext, at: KeyPath, table: Table): void {
  const { headers, rewrite_response: response } = table;
  if (headers) {
    for (const side of ["request", "response"] as const) {
      const place = [...at, "headers", side];
      checkRules(context, [...place, "replace"], headers[side].replace);
      if (!headers.values) continue;
      for (const kind of ["set", "add"] as const) {
        for (const [name, value] of Object.entries(headers[side][kind])) {
          checkValue(context, [...place, kind, name], value);
        }
      }
    }
  }
  if (!response) return;
  checkRules(context, [...at, "rewrite_response", "body"], response.body);
  if (response.body.length + Object.keys(response.status).length > 0) return;
  if (context.isDamaged([...at, "rewrite_response"])) return;
  const message = `${context.name([...at, "rewrite_response"])} changes nothing: give status or body`;
  context.error([...at, "rewrite_response"], "key", message);
}

function checkRules(
  context: CheckContext,
  at: KeyPath,
  rules: readonly { readonly from: string; readonly to: string }[],
): void {
  for (const [index, { from, to }] of rules.entries()) {
    const place = [...at, index];
    if (context.isDamaged(place)) continue;
    const isExpression = from.startsWith("~");
    const has = isExpression
      ? new TextPattern(from.slice(1)).groups
      : { count: 0, names: new Map<string, number>() };
    const what = isExpression ? context.name([...place, "from"]) : "a text without ~";
    checkValue(context, [...place, "to"], to, { has, what });
  }
}

/** On a route also what a variable needs there; a default does not know its routes. */
function checkValue(
  context: CheckContext,
  at: KeyPath,
  source: string,
  groups?: Parameters<typeof checkValues>[4],
): void {
  if (at[0] === "route") {
    checkValues(context, at, source, at[1] as number, groups);
    return;
  }
  try {
    const parts = parseTemplate(source);
    if (groups !== undefined) checkGroups(parts, groups.has, groups.what);
  } catch (error) {
    const message = `${context.name(at)} ${(error as Error).message}`;
    context.error(at, "value", message, templateHelp(error));
  }
}
