import type { GroupNames } from "../routing/capture-pattern.ts";

/** A piece of a template: text as it is, a group of an expression, or a variable of the request. */
export type TemplatePart = string | { readonly group: number | string } | VariablePart;

export interface VariablePart {
  /** Such as `host`, or `header` of `${header:X-A}`. */
  readonly variable: VariableName;
  /** What comes after its colon; "" for those without. */
  readonly key: string;
}

/** The variables of a request. */
export const VARIABLES = [
  "host",
  "hostname",
  "path",
  "rest",
  "query",
  "uri",
  "method",
  "scheme",
  "protocol",
  "client",
  "request_id",
] as const;

/** Variables with a name behind a colon: `${header:X-A}`. A query without one is the whole. */
export const KEYED_VARIABLES = ["header", "query", "cookie"] as const;

export type VariableName = (typeof VARIABLES)[number] | (typeof KEYED_VARIABLES)[number];

/** Something in a template that cannot be. The message goes on from the name of what has it. */
export class TemplateError extends Error {
  /** What is not known, where that is so, to look for something like it among the {@link candidates}. */
  readonly word: string | undefined;
  readonly candidates: readonly string[];

  constructor(message: string, word?: string, candidates: readonly string[] = []) {
    super(message);
    this.name = "TemplateError";
    this.word = word;
    this.candidates = candidates;
  }
}

const PLACE = /\$(?:(\d{1,2})|<([^>]*)>|\{([^}]*)\}|(\$))?/g;
// RFC 9110 5.1 and RFC 6265 4.1.1
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Reads the one language of values: `$1` to `$99` and `$<name>` are groups of an expression, `${name}` and
 * `${header:X-A}` variables of the request, `$$` is a dollar.
 * @throws TemplateError
 */
export function parseTemplate(source: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let text = "";
  let end = 0;
  for (const place of source.matchAll(PLACE)) {
    const [all, digits, name, variable, dollar] = place;
    text += source.slice(end, place.index);
    end = place.index + all.length;
    if (dollar !== undefined) {
      text += "$";
      continue;
    }
    if (text !== "") parts.push(text);
    text = "";
    if (digits !== undefined) parts.push({ group: Number(digits) });
    else if (name !== undefined) parts.push({ group: name });
    else if (variable !== undefined) parts.push(variablePart(variable));
    else throw loneDollar(source.slice(place.index));
  }
  text += source.slice(end);
  if (text !== "") parts.push(text);
  return parts;
}

/** The text of a template in which nothing is to be put in; undefined where there is. */
export function plainText(parts: readonly TemplatePart[]): string | undefined {
  if (parts.length === 0) return "";
  const [first] = parts;
  return parts.length === 1 && typeof first === "string" ? first : undefined;
}

/** Whether it has groups of an expression. */
export function hasGroups(parts: readonly TemplatePart[]): boolean {
  return parts.some((part) => typeof part === "object" && "group" in part);
}

/** Whether it has a variable. */
export function hasVariable(parts: readonly TemplatePart[], name: VariableName): boolean {
  return parts.some(
    (part) => typeof part === "object" && "variable" in part && part.variable === name,
  );
}

/**
 * Holds the groups that are asked for against those that there are.
 * @param what the expression in words, for the message
 * @throws TemplateError
 */
export function checkGroups(
  parts: readonly TemplatePart[],
  { count, names }: GroupNames,
  what: string,
): void {
  for (const part of parts) {
    if (typeof part === "string" || !("group" in part)) continue;
    const { group } = part;
    if (typeof group === "number" ? group <= count : names.has(group)) continue;
    if (typeof group === "number") {
      const has = count === 0 ? "no groups" : count === 1 ? "one group" : `${count} groups`;
      throw new TemplateError(`has $${group}, but ${what} has ${has}`);
    }
    const candidates = [...names.keys()];
    throw new TemplateError(
      `has $<${group}>, but ${what} has no group of that name`,
      group,
      candidates,
    );
  }
}

function variablePart(text: string): TemplatePart {
  if (/^\d{1,2}$/.test(text)) return { group: Number(text) };
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const key = colon < 0 ? "" : text.slice(colon + 1);
  if (colon < 0 && isOneOf(VARIABLES, name)) return { variable: name, key };
  if (!isOneOf(KEYED_VARIABLES, name)) {
    const keyed = KEYED_VARIABLES.map((one) => `${one}:NAME`);
    if (colon >= 0 && isOneOf(VARIABLES, name)) {
      throw new TemplateError(
        `has \${${text}}, but nothing comes after ${name}: write \${${name}}`,
      );
    }
    throw new TemplateError(
      `has \${${text}}, which is no variable: there are ${[...VARIABLES, ...keyed].join(", ")}`,
      name,
      [...VARIABLES, ...KEYED_VARIABLES],
    );
  }
  if (key === "" || (name !== "query" && !TOKEN.test(key))) {
    throw new TemplateError(`has \${${text}}, which needs a name: \${${name}:NAME}`);
  }
  return { variable: name, key };
}

function loneDollar(text: string): TemplateError {
  const word = /^\$([a-z_]+)/.exec(text)?.[1] ?? "";
  const known = isOneOf(VARIABLES, word);
  return new TemplateError(
    known
      ? `has $${word}: a variable is written \${${word}}, a dollar $$`
      : 'has a "$" that begins no $1, $<name> or ${variable}: for the sign itself write $$',
  );
}

function isOneOf<const T extends string>(list: readonly T[], word: string): word is T {
  return (list as readonly string[]).includes(word);
}
