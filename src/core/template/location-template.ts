import { decodeSegment } from "../../http/path.ts";
import type { Context } from "../context.ts";
import { HttpError } from "../errors.ts";
import type { Captures } from "../routing/capture-pattern.ts";
import type { TemplatePart } from "./template.ts";
import { TemplateError } from "./template.ts";
import type { TextTemplate } from "./text-template.ts";
import { captured } from "./text-template.ts";
import { variableReader } from "./variables.ts";

/** An address, made of a request. Each piece may be "". */
export interface LocationTemplate {
  /** Scheme and host if it has these, and path. */
  readonly base: TextTemplate;
  /** Without its "?". */
  readonly query: TextTemplate;
  /** With its "#". */
  readonly fragment: TextTemplate;
}

type Place = "start" | "authority" | "path" | "query" | "fragment";
type Piece = string | ((c: Context, captures: Captures | undefined) => string);

/**
 * Compiles a template for an address: a path beginning with "/", or one with scheme and host. What is put in cannot
 * leave its place: no value becomes a host, another key of the query, or the beginning of one of these.
 * @throws TemplateError
 */
export function locationTemplate(parts: readonly TemplatePart[]): LocationTemplate {
  const pieces: Record<"base" | "query" | "fragment", Piece[]> = {
    base: [],
    query: [],
    fragment: [],
  };
  let place: Place = "start";
  for (const [index, part] of parts.entries()) {
    if (typeof part !== "string") {
      place = placeFor(part, place, parts, index);
      const to = place === "query" || place === "fragment" ? place : "base";
      pieces[to].push(valuePiece(part, place));
      continue;
    }
    checkText(part);
    const [base, query, fragment] = split(part, place) as [string, string, string];
    if (base !== "") pieces.base.push(base);
    if (query !== "") pieces.query.push(query);
    if (fragment !== "") pieces.fragment.push(fragment);
    place = placeAfter(part, place);
  }
  if (place === "start") throw new TemplateError(BEGINNING);
  const local = !isAbsolute(parts);
  const base = join(pieces.base);
  return {
    // "//evil.example" would name another host (an open redirect).
    base: local ? (c, captures) => base(c, captures).replace(/^\/{2,}/, "/") : base,
    query: join(pieces.query),
    fragment: join(pieces.fragment),
  };
}

const BEGINNING =
  'must be a path beginning with "/" or an address beginning with "https://" or "http://"';

function isAbsolute([first, second]: readonly TemplatePart[]): boolean {
  if (typeof first === "string") return /^https?:\/\//i.test(first);
  return isVariable(first, "scheme") && typeof second === "string" && second.startsWith("://");
}

/** Where a part that is not text stands. */
function placeFor(
  part: Exclude<TemplatePart, string>,
  place: Place,
  parts: readonly TemplatePart[],
  index: number,
): Place {
  const isPath = isVariable(part, "path") || isVariable(part, "uri");
  if (place === "start") {
    if (isPath) return "path";
    if (isAbsolute(parts)) return "start";
    throw new TemplateError(BEGINNING);
  }
  if (place !== "authority") return place;
  if (isPath) return "path";
  const following = parts[index + 1];
  const ends =
    following === undefined || isVariable(following, "path") || isVariable(following, "uri");
  if (ends && !isVariable(part, "host") && !isVariable(part, "hostname")) {
    throw new TemplateError(`has ${written(part)} as a part of its host: put a "/" before it`);
  }
  return "authority";
}

function placeAfter(text: string, place: Place): Place {
  if (place === "fragment" || text.includes("#")) return "fragment";
  if (place === "query" || text.includes("?")) return "query";
  if (place === "path") return "path";
  if (place === "authority") return text.includes("/") ? "path" : "authority";
  const rest = /^(?:https?)?:\/\/(.*)$/is.exec(text);
  if (rest === null) {
    if (text.startsWith("/") && !text.startsWith("//")) return "path";
    if (!text.startsWith("//")) throw new TemplateError(BEGINNING);
    throw new TemplateError(
      'must not begin with "//", which names another host: write the scheme too',
    );
  }
  if (/^[/?#]/.test(rest[1] as string)) throw new TemplateError(BEGINNING);
  return (rest[1] as string).includes("/") ? "path" : "authority";
}

function split(text: string, place: Place): string[] {
  if (place === "fragment") return ["", "", text];
  const [, before, query, fragment] = /^([^?#]*)\??([^#]*)(#.*)?$/s.exec(
    text,
  ) as unknown as string[];
  if (place !== "query") return [before as string, query as string, fragment ?? ""];
  // There is one "?" that begins a query; a second is a part of it.
  const hash = text.indexOf("#");
  return ["", hash < 0 ? text : text.slice(0, hash), hash < 0 ? "" : text.slice(hash)];
}

function checkText(text: string): void {
  const variable = /\{([a-z_]+)\}/.exec(text)?.[1];
  if (variable !== undefined) {
    throw new TemplateError(`has {${variable}}: a variable is written \${${variable}}`);
  }
  if (!/^[\x21-\x7e]*$/.test(text)) {
    throw new TemplateError("must be in ASCII without spaces: percent-encode the rest");
  }
}

/** How a value may stand in its place. */
function valuePiece(part: Exclude<TemplatePart, string>, place: Place): Piece {
  const isGroup = "group" in part;
  const read: Piece = isGroup
    ? (_c, captures) => captured(captures, part.group)
    : variableReader(part);
  const encode = encodingOf(part, place);
  return encode === undefined ? read : (c, captures) => encode(read(c, captures));
}

function encodingOf(
  part: Exclude<TemplatePart, string>,
  place: Place,
): ((value: string) => string) | undefined {
  if (place === "start") return undefined;
  if (place === "authority") return hostOnly;
  const isPart = "group" in part || isVariable(part, "rest");
  const isQuery = isVariable(part, "query") && "key" in part && part.key === "";
  // The canonical form of a path may stand in one as it is.
  if (place === "path") {
    return isPart || isVariable(part, "path") || isVariable(part, "uri") ? undefined : encoded;
  }
  if (isQuery && place === "query") return undefined;
  return isPart ? encodedPart : encoded;
}

/** @throws HttpError 400 */
function hostOnly(value: string): string {
  if (/^[A-Za-z0-9._:[\]-]*$/.test(value)) return value;
  throw new HttpError(400, "location_unsafe", "This address leads nowhere.");
}

function encoded(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** A part of a path as the value of a query's key: it must not become another key. */
function encodedPart(part: string): string {
  return part
    .split("/")
    .map((segment) => encodeURIComponent(decoded(segment)))
    .join("/");
}

function decoded(segment: string): string {
  try {
    return decodeSegment(segment);
  } catch {
    // A group may end within an escape.
    return segment;
  }
}

function join(pieces: readonly Piece[]): TextTemplate {
  if (pieces.every((piece) => typeof piece === "string")) {
    const text = pieces.join("");
    return () => text;
  }
  return (c, captures = c.captures) => {
    let out = "";
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i] as Piece;
      out += typeof piece === "string" ? piece : piece(c, captures);
    }
    return out;
  };
}

function isVariable(part: TemplatePart | undefined, name: string): boolean {
  return typeof part === "object" && "variable" in part && part.variable === name;
}

function written(part: Exclude<TemplatePart, string>): string {
  if ("variable" in part) return `\${${part.variable}${part.key === "" ? "" : `:${part.key}`}}`;
  return typeof part.group === "number" ? `$${part.group}` : `$<${part.group}>`;
}
