import { escapeHtml } from "../../internal/escape-html.ts";
import type { Context } from "../context.ts";
import type { Captures } from "../routing/capture-pattern.ts";
import type { TemplatePart } from "./template.ts";
import { variableReader } from "./variables.ts";

/** Makes a text for a request. */
export type TextTemplate = (c: Context, captures?: Captures) => string;

/** Where a text goes, and so what must not be in a value that a client chose. */
export type TextKind = keyof typeof ESCAPES;

const ESCAPES = {
  text: (value: string) => value,
  html: escapeHtml,
  /** Within a text in quotation marks. */
  json: (value: string) => JSON.stringify(value).slice(1, -1),
  /** RFC 9110 5.5: no line break, and no byte that a field cannot carry. */
  header: (value: string) => value.toWellFormed().replace(/[^\t\x20-\x7e]+/gu, encodeURIComponent),
};

/**
 * Compiles a template for text: its values are escaped as the place they go to needs it, its own text is not.
 * Groups are those of `captures`, else those of the route's path.
 */
export function textTemplate(parts: readonly TemplatePart[], kind: TextKind): TextTemplate {
  const escape = ESCAPES[kind];
  const pieces = parts.map((part) => {
    if (typeof part === "string") return part;
    return "group" in part ? part.group : variableReader(part);
  });
  const isGroup = parts.map((part) => typeof part === "object" && "group" in part);
  return (c, captures = c.captures) => {
    let out = "";
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i] as (typeof pieces)[number];
      if (isGroup[i] === true) out += escape(captured(captures, piece as number | string));
      else out += typeof piece === "function" ? escape(piece(c)) : piece;
    }
    return out;
  };
}

/** What a group took; "" when it took no part, or is not there. */
export function captured(captures: Captures | undefined, group: number | string): string {
  if (captures === undefined) return "";
  return (typeof group === "number" ? captures[group] : captures.groups?.[group]) ?? "";
}
