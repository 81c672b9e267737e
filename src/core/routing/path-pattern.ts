import { canonicalPath } from "../../http/path.ts";
import { SegmentPattern } from "./segment-pattern.ts";

/** One segment of a path: text, or a parameter that fills it. */
export type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "pattern"; readonly name: string; readonly pattern: SegmentPattern }
  | { readonly kind: "param"; readonly name: string };

/** A path as the matcher wants it. */
export interface PathPattern {
  readonly segments: readonly Segment[];
  /** A tail of any number of segments: its name, "" for a plain `*`; undefined if the path has none. */
  readonly rest: string | undefined;
  /** Parameters in order, the tail's last. */
  readonly names: readonly string[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PARAMETER = /^:([A-Za-z0-9_]*)(?:\{(.*)\})?(\?)?$/s;
/** Each optional parameter doubles the routes. */
const OPTIONAL_AT_MOST = 4;

/**
 * Reads a path of literals, `:param`, `:param?`, `:param{regexp}` and a last `*rest` or `*`.
 * A parameter fills a segment and is never empty; an optional one makes two patterns.
 * @throws TypeError naming the path and what is wrong with it
 */
export function parsePath(path: string): PathPattern[] {
  if (!path.startsWith("/")) throw invalid(path, 'it must begin with "/"');
  const parts = path.slice(1).split("/");
  let variants: Segment[][] = [[]];
  let rest: string | undefined;
  for (const [index, part] of parts.entries()) {
    if (part.startsWith("*")) {
      if (index < parts.length - 1) throw invalid(path, `"${part}" must be its last segment`);
      rest = part.slice(1);
      if (rest !== "") checkName(path, rest);
      continue;
    }
    const { segment, optional } = parseSegment(path, part);
    const longer = variants.map((variant) => [...variant, segment]);
    variants = optional ? [...longer, ...variants] : longer;
    if (variants.length > 1 << OPTIONAL_AT_MOST) {
      throw invalid(path, `it has more than ${OPTIONAL_AT_MOST} optional parameters`);
    }
  }
  return variants.map((segments) => finish(path, segments, rest));
}

/** A path without parameters, whatever its characters: exact, or a prefix ending in `/*`. */
export function literalPath(path: string): PathPattern {
  if (!path.startsWith("/")) throw invalid(path, 'it must begin with "/"');
  const prefix = path.endsWith("/*");
  const parts = (prefix ? path.slice(1, -1) : path.slice(1)).split("/");
  if (prefix) parts.pop();
  const segments = parts.map((text): Segment => ({ kind: "literal", text }));
  return { segments, rest: prefix ? "" : undefined, names: [] };
}

function finish(path: string, segments: readonly Segment[], rest: string | undefined): PathPattern {
  const names = segments.flatMap((segment) => (segment.kind === "literal" ? [] : [segment.name]));
  if (rest !== undefined && rest !== "") names.push(rest);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(path, `it names "${twice}" twice`);
  // "/:a?" without its parameter is "/", which has one empty segment.
  const some = segments.length === 0 && rest === undefined;
  return { segments: some ? [{ kind: "literal", text: "" }] : segments, rest, names };
}

function parseSegment(path: string, part: string): { segment: Segment; optional: boolean } {
  if (!part.startsWith(":")) return { segment: literal(path, part), optional: false };
  const match = PARAMETER.exec(part);
  const [, name = "", source, mark] = match ?? [];
  if (match === null) {
    throw invalid(path, `"${part}" must fill its segment: write :name, :name? or :name{regexp}`);
  }
  checkName(path, name);
  const optional = mark !== undefined;
  if (source === undefined) return { segment: { kind: "param", name }, optional };
  try {
    return { segment: { kind: "pattern", name, pattern: new SegmentPattern(source) }, optional };
  } catch (error) {
    throw invalid(path, `{${source}}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Literals are compared with canonical paths, so they take that form themselves. */
function literal(path: string, part: string): Segment {
  const escaped = part.replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
  const canonical = canonicalPath(`/${escaped}`);
  if (
    !canonical.ok ||
    canonical.path.indexOf("/", 1) > 0 ||
    (part !== "" && canonical.path === "/")
  ) {
    throw invalid(path, `no canonical path has the segment ${JSON.stringify(part)}`);
  }
  return { kind: "literal", text: canonical.path.slice(1) };
}

function checkName(path: string, name: string): void {
  if (!NAME.test(name) || name === "__proto__") {
    throw invalid(path, `"${name}" is not a name: use letters, digits and "_", not a digit first`);
  }
}

function invalid(path: string, why: string): TypeError {
  return new TypeError(`route path ${JSON.stringify(path)}: ${why}`);
}
