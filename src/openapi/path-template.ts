import type { PathPattern } from "../core/routing/path-pattern.ts";
import { literalPath, parsePath } from "../core/routing/path-pattern.ts";

/** A path as OpenAPI writes it. */
export interface PathTemplate {
  /** `/users/{id}` */
  readonly path: string;
  /** The same without names: paths of one shape are the same address (OpenAPI 3.1, 4.8.8.1). */
  readonly shape: string;
  readonly params: readonly PathParam[];
}

export interface PathParam {
  readonly name: string;
  /** A regular expression for the whole value. */
  readonly pattern?: string;
  /** It takes the rest of the path, slashes included. */
  readonly tail?: true;
}

/** The templates of a route's path: two for every optional parameter, the longest first. */
export function pathTemplates(path: string): PathTemplate[] {
  return patternsOf(path).map(toTemplate);
}

/** A gateway's literal path may have what only looks like a parameter. */
function patternsOf(path: string): PathPattern[] {
  try {
    return parsePath(path);
  } catch {
    return [literalPath(path)];
  }
}

function toTemplate({ segments, rest, names }: PathPattern): PathTemplate {
  const params: PathParam[] = [];
  const parts: string[] = [];
  for (const segment of segments) {
    if (segment.kind === "literal") {
      parts.push(segment.text);
      continue;
    }
    const { name } = segment;
    const pattern = segment.kind === "pattern" ? `^(?:${segment.pattern.source})$` : undefined;
    params.push({ name, ...(pattern !== undefined && { pattern }) });
    parts.push(`{${name}}`);
  }
  if (rest !== undefined) {
    const name = rest === "" ? freeName(names) : rest;
    params.push({ name, tail: true });
    parts.push(`{${name}}`);
  }
  const path = `/${parts.join("/")}`;
  return { path, shape: path.replace(/\{[^}]*\}/g, "{}"), params };
}

function freeName(names: readonly string[]): string {
  let name = "rest";
  while (names.includes(name)) name = `_${name}`;
  return name;
}
