import type { Captures, GroupNames } from "./capture-pattern.ts";
import { CapturePattern } from "./capture-pattern.ts";
import { SegmentPattern } from "./segment-pattern.ts";
import { parseSegmentSyntax } from "./segment-syntax.ts";

/** In longer texts nothing is replaced. */
const LONGEST = 8192;

/** How often a character may be looked at while all places are found. */
const LOOKS = 4;

/**
 * A regular expression over a text: a host, a path, the value of a header. It is found anywhere in the text unless it
 * begins with `^` or ends with `$`, which stand for the whole expression, and takes time linear in the text. Characters
 * beyond ASCII are seen as their %XX escapes.
 */
export class TextPattern {
  readonly source: string;
  /** The text that everything matching begins with; "" when there is none. */
  readonly beginning: string;
  readonly #whole: SegmentPattern;
  readonly #body: string;
  readonly #anchors: { readonly start: boolean; readonly end: boolean };
  #captures: CapturePattern | undefined;

  /** @throws SyntaxError saying what cannot be read, or not in linear time */
  constructor(source: string) {
    this.source = source;
    const start = source.startsWith("^");
    const end = /(?:^|[^\\])(?:\\\\)*\$$/.test(source);
    const inner = source.slice(start ? 1 : 0, end ? -1 : undefined);
    this.#body = escapeSlashes(inner);
    this.#anchors = { start, end };
    this.#whole = new SegmentPattern(`${start ? "" : ".*"}(?:${this.#body})${end ? "" : ".*"}`);
    this.beginning = start ? literalBeginning(inner) : "";
  }

  test(text: string): boolean {
    return this.#whole.test(NOT_ASCII.test(text) ? escaped(text) : text);
  }

  /** Whether some text matches both. Where that would take too long to find out, it is taken to be so. */
  meets(whole: SegmentPattern): boolean {
    return this.#whole.meets(whole);
  }

  /** Its groups: `(…)` by number, `(?<name>…)` by name as well. */
  get groups(): GroupNames {
    return this.#capturing().groups;
  }

  /** What its groups take of a text, in which it finds the leftmost place; undefined where there is none. */
  exec(text: string): Captures | undefined {
    if (!this.test(text)) return undefined;
    return this.#capturing().exec(NOT_ASCII.test(text) ? escaped(text) : text);
  }

  /**
   * Replaces what it finds, from left to right. Each character beyond ASCII is some character here, which no letter
   * of the expression means. Of what takes too many looks, as of a text longer than others are, the rest stays.
   */
  replace(text: string, by: (captures: Captures) => string): string {
    if (text.length > LONGEST) return text;
    const seen = NOT_ASCII.test(text) ? text.replace(/[^\0-\x7f]/g, "\x7f") : text;
    if (!this.#whole.test(seen)) return text;
    const capturing = this.#capturing();
    let out = "";
    let end = 0;
    // An expression may look at all of the rest for each place it is found at.
    let work = LOOKS * seen.length + 1024;
    for (let at = 0; at <= seen.length && work > 0;) {
      const found = capturing.find(seen, at, text);
      if (found === undefined) break;
      out += text.slice(end, found.start) + by(found.captures);
      end = found.end;
      work -= found.looked - at;
      at = found.end > found.start ? found.end : found.end + 1;
    }
    return out + text.slice(end);
  }

  #capturing(): CapturePattern {
    return (this.#captures ??= new CapturePattern(parseSegmentSyntax(this.#body), this.#anchors));
  }
}

const NOT_ASCII = /[^\0-\x7f]/;

function escaped(text: string): string {
  return text.toWellFormed().replace(/[^\0-\x7f]+/g, encodeURIComponent);
}

/** In a segment of a path there is no slash, so the syntax wants one to be escaped. */
function escapeSlashes(source: string): string {
  return source.replace(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\//gs, (part) =>
    part === "/" ? "\\/" : part,
  );
}

function literalBeginning(source: string): string {
  if (source.includes("|")) return "";
  const text = /^(?:[A-Za-z0-9\-_~%/]|\\[.\-/])*/.exec(source)?.[0] ?? "";
  // What is repeated may be absent.
  const counted = /^[*+?{]/.test(source.slice(text.length));
  const plain = text.replaceAll("\\", "");
  return counted ? plain.slice(0, -1) : plain;
}
