import { SegmentPattern } from "./segment-pattern.ts";

/**
 * A glob over whole paths: `*` any run within a segment, `**` any run, `?` one character, `[a-z]` and `[!a-z]` one of a
 * set, `{a,b}` either; ending in `/*` everything below. Takes time linear in the path.
 */
export class GlobPattern {
  readonly source: string;
  /** The text before the first sign of a glob. */
  readonly beginning: string;
  readonly #whole: SegmentPattern;

  /** @throws SyntaxError saying what cannot be read */
  constructor(source: string) {
    this.source = source;
    this.beginning = source.slice(0, source.search(GLOB_SIGN));
    this.#whole = new SegmentPattern(translate(source));
  }

  test(path: string): boolean {
    return this.#whole.test(path);
  }
}

const GLOB_SIGN = /[*?[{]/;

/** Whether a path is more than exact text or a prefix ending in `/*`. */
export function isGlob(path: string): boolean {
  return GLOB_SIGN.test(path.endsWith("/*") ? path.slice(0, -1) : path);
}

function translate(source: string): string {
  const below = source.endsWith("/*");
  const text = below ? source.slice(0, -1) : source;
  let out = "";
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i] as string;
    if (sign === "*") {
      const deep = text[i + 1] === "*";
      out += deep ? ".*" : "[^/]*";
      if (deep) i++;
    } else if (sign === "?") out += "[^/]";
    else if (sign === "[") {
      const end = text.indexOf("]", i + 2);
      if (end < 0) throw new SyntaxError('a "[" is not closed');
      const set = text.slice(i + 1, end).replaceAll("\\", "\\\\");
      out += set.startsWith("!") ? `[^${set.slice(1)}]` : `[${set.replace(/^\^/, "\\^")}]`;
      i = end;
    } else if (sign === "{") {
      depth++;
      out += "(?:";
    } else if (sign === "}" && depth > 0) {
      depth--;
      out += ")";
    } else if (sign === "," && depth > 0) out += "|";
    else out += /[A-Za-z0-9]/.test(sign) || sign > "\x7f" ? sign : `\\${sign}`;
  }
  if (depth > 0) throw new SyntaxError('a "{" is not closed');
  return below ? `${out}.*` : out;
}
