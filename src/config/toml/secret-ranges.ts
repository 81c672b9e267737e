/** A piece of a text. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

const PRIVATE_KEY = /(?<=-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)(?:(?!-----END)[^])*/g;
/** In an address (RFC 3986 3.2.1). */
const PASSWORD = /(\/\/[^\s"'@/:]*:)([^\s"'@/]+)@/g;
const HEADER = /^[ \t]*\[\[?([^\]\n]*)\]/gm;
const PAIR = /=[ \t]*/g;
/** A value that stands for a secret which is elsewhere. */
const REFERENCE = /^(?:env|file):/;
/** Behind a value, where nothing is wrong. */
const END = /[ \t\r]*(?:[,}\]#\n]|$)/y;

/**
 * Where a text has secrets: values of these keys, what is in tables with these names, private keys in PEM, and passwords in addresses. The text
 * is read as it stands, since what is shown of it may be the very line that is no TOML; where it is in doubt, more is a
 * secret rather than less. References (`env:NAME`, `file:PATH`) are none.
 * @returns ranges in order, which do not overlap
 */
export function secretRanges(text: string, keys: ReadonlySet<string>): TextRange[] {
  const found: TextRange[] = [];
  for (const { index, 0: key } of text.matchAll(PRIVATE_KEY)) {
    found.push({ start: index, end: index + key.length });
  }
  for (const { index, 1: before = "", 2: password = "" } of text.matchAll(PASSWORD)) {
    const start = index + before.length;
    found.push({ start, end: start + password.length });
  }
  if (keys.size > 0) {
    const reader = new Reader(text, found);
    // Also where "=" was forgotten, or ":" is in its place.
    const names = [...keys].map(escaped).join("|");
    const key = new RegExp(
      `(?<![\\w-])(?:${names})["']?[ \\t]*(?:\\.[^=\\n]{0,80})?(?:[=:][ \\t]*|(?<=[ \\t])(?=["']))`,
      "g",
    );
    reader.readAll(key, 0, text.length);
    const headers = [...text.matchAll(HEADER)];
    let pair = 0;
    for (const [at, header] of headers.entries()) {
      const parts = (header[1] as string).split(".").map((part) => part.trim());
      if (!parts.some((part) => keys.has(part.replaceAll(/["']/g, "")))) continue;
      const from = header.index + header[0].length;
      const to = headers[at + 1]?.index ?? text.length;
      // Very many tables with nothing in them are not searched to the end of the text each.
      if (pair < from) pair = text.indexOf("=", from);
      if (pair < 0) break;
      if (pair < to) reader.readAll(PAIR, pair, to);
    }
  }
  return joined(found);
}

/** A text with something else in the place of the passwords in its addresses. */
export function withoutPasswords(text: string, mask: string): string {
  return text.replaceAll(PASSWORD, `$1${mask}@`);
}

class Reader {
  readonly #text: string;
  readonly #found: TextRange[];

  constructor(text: string, found: TextRange[]) {
    this.#text = text;
    this.#found = found;
  }

  /** Takes the values behind each match in a part of the text. */
  readAll(before: RegExp, from: number, to: number): void {
    let at = from;
    for (;;) {
      before.lastIndex = at;
      const match = before.exec(this.#text);
      if (match === null || match.index >= to) return;
      at = this.#value(match.index + match[0].length);
    }
  }

  /** @returns where the value ends */
  #value(start: number): number {
    let depth = 0;
    let at = start;
    while (at < this.#text.length) {
      const character = this.#text[at] as string;
      if (character === "\n" && depth === 0) return at;
      if (character === '"' || character === "'") at = this.#string(at, character);
      else if (character === "[" || character === "{") {
        depth++;
        at++;
        continue;
      } else if (character === "]" || character === "}") {
        depth--;
        at++;
      } else if (depth > 0) {
        at = this.#between(at);
        continue;
      }
      if (depth > 0) continue;
      END.lastIndex = at;
      if (at > start && END.test(this.#text)) return at;
      // A bare word, or what is left behind a quote that closed too early.
      const end = endOfLine(this.#text, at);
      this.#found.push({ start: at, end });
      return end;
    }
    return at;
  }

  /** @returns where it ends, at the latest with its line where it is of one line */
  #string(start: number, quote: string): number {
    const long = this.#text.startsWith(quote.repeat(3), start);
    const closing = long ? quote.repeat(3) : quote;
    const first = start + closing.length;
    let at = first;
    while (at < this.#text.length && !this.#text.startsWith(closing, at)) {
      if (!long && this.#text[at] === "\n") break;
      at += quote === '"' && this.#text[at] === "\\" && this.#text[at + 1] !== "\n" ? 2 : 1;
    }
    const end = Math.min(at, this.#text.length);
    if (!REFERENCE.test(this.#text.slice(first, first + 5)))
      this.#found.push({ start: first, end });
    return this.#text.startsWith(closing, end) ? end + closing.length : end;
  }

  /** What is in a list or a table besides texts: keys of it are no secret. */
  #between(start: number): number {
    const text = this.#text;
    if (text[start] === "#") {
      const end = endOfLine(text, start);
      this.#found.push({ start: start + 1, end });
      return end;
    }
    const word = /[^\s,=[\]{}"'#]+/y;
    word.lastIndex = start;
    const length = word.exec(text)?.[0].length ?? 0;
    if (length === 0) return start + 1;
    const end = start + length;
    if (!/^[ \t]*=/.test(text.slice(end, end + 40))) this.#found.push({ start, end });
    return end;
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function escaped(key: string): string {
  return key.replaceAll(/[^\w]/g, "\\$&");
}

function joined(ranges: TextRange[]): TextRange[] {
  const all: TextRange[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last !== undefined && start <= last.end) {
      if (end > last.end) all[all.length - 1] = { start: last.start, end };
    } else if (end > start) all.push({ start, end });
  }
  return all;
}
