import type { Context } from "../core/context.ts";
import type { Captures } from "../core/routing/capture-pattern.ts";
import { TextPattern } from "../core/routing/text-pattern.ts";
import type { TemplatePart } from "../core/template/template.ts";
import { checkGroups, parseTemplate } from "../core/template/template.ts";
import type { TextKind, TextTemplate } from "../core/template/text-template.ts";
import { captured, textTemplate } from "../core/template/text-template.ts";

/** A text to find, and what stands in its place. */
export interface TextRule {
  /** The text, or `~` and a regular expression. It is found as often as it is there. */
  readonly from: string;
  /** Text in which `$1` and `$<name>` are groups of the expression, and `${host}` and the like variables of the request. */
  readonly to: string;
}

/** Replaces in a text for a request. */
export type TextReplacer = (text: string, c: Context) => string;

/**
 * @param kind how values of variables are escaped
 * @param spell how text that is written in the rule looks in the texts it is for
 * @throws SyntaxError, TypeError, TemplateError
 */
export function textReplacer(
  { from, to }: TextRule,
  kind: TextKind,
  spell: (text: string) => string = asItIs,
): TextReplacer {
  const parts = parseTemplate(to);
  if (from.startsWith("~")) {
    const pattern = new TextPattern(from.slice(1));
    checkGroups(parts, pattern.groups, "the expression");
    const by = replacement(parts, kind, spell);
    return (text, c) => pattern.replace(text, (captures) => by(c, captures));
  }
  if (from === "") throw new TypeError("what is replaced must be some text");
  checkGroups(parts, { count: 0, names: new Map() }, "the text");
  const by = replacement(parts, kind, spell);
  const wanted = spell(from);
  return (text, c) => {
    if (!text.includes(wanted)) return text;
    const value = by(c);
    // Not as a text, in which "$&" would mean something.
    return text.replaceAll(wanted, () => value);
  };
}

const asItIs = (text: string): string => text;

/** Groups were in the text already and go back as they are; variables are escaped. */
function replacement(
  parts: readonly TemplatePart[],
  kind: TextKind,
  spell: (text: string) => string,
): TextTemplate {
  const pieces = parts.map((part): TextTemplate => {
    if (typeof part === "string") {
      const text = spell(part);
      return () => text;
    }
    if ("group" in part) return (_c, captures?: Captures) => captured(captures, part.group);
    const variable = textTemplate([part], kind);
    return (c) => spell(variable(c));
  });
  return (c, captures) => pieces.map((piece) => piece(c, captures)).join("");
}
