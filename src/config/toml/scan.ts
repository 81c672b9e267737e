/**
 * A concrete syntax tree of a TOML document: where every key and value stands, comments included. It serves
 * positions in diagnostics and the formatter. Values themselves come from the parser, which has accepted the
 * text before this reads it, so anything odd here only ends the scan early.
 */
export interface KeyPart {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface Pair {
  readonly key: readonly KeyPart[];
  readonly value: TomlNode;
}

/** Something inside brackets or braces, in order of appearance. */
export type Inner<T> =
  | { readonly kind: "item"; readonly item: T }
  | { readonly kind: "comment"; readonly text: string; readonly ownLine: boolean };

export type TomlNode =
  | { readonly kind: "scalar"; readonly start: number; readonly end: number }
  | {
      readonly kind: "array";
      readonly start: number;
      readonly end: number;
      readonly inner: readonly Inner<TomlNode>[];
    }
  | {
      readonly kind: "table";
      readonly start: number;
      readonly end: number;
      readonly inner: readonly Inner<Pair>[];
    };

export type Statement =
  | { readonly kind: "blank" }
  | { readonly kind: "comment"; readonly text: string }
  | {
      readonly kind: "header";
      readonly array: boolean;
      readonly key: readonly KeyPart[];
      readonly start: number;
      readonly end: number;
      readonly comment: string | undefined;
    }
  | { readonly kind: "pair"; readonly pair: Pair; readonly comment: string | undefined };

export function scanToml(text: string): Statement[] {
  return new Scanner(text).document();
}

const BARE_KEY = /[^\s=.\]}#,"']*/y;
const BACKSLASH = 0x5c;
const SCALAR = /[^,\]}#\n\r]*/y;
const COMMENT = /#[^\n]*/y;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.startsWith("\uFEFF")) this.#at = 1;
  }

  document(): Statement[] {
    const statements: Statement[] = [];
    while (this.#at < this.#text.length) {
      const before = this.#at;
      statements.push(this.#statement());
      if (this.#at === before) break;
    }
    return statements;
  }

  #statement(): Statement {
    this.#blanks();
    const character = this.#text[this.#at];
    if (character === "\n" || character === undefined) {
      this.#at++;
      return { kind: "blank" };
    }
    if (character === "#") {
      const text = this.#comment();
      this.#at++;
      return { kind: "comment", text };
    }
    if (character === "[") return this.#header();
    const pair = this.#pair();
    return { kind: "pair", pair, comment: this.#endOfLine() };
  }

  #header(): Statement {
    const start = this.#at;
    const array = this.#text.startsWith("[[", start);
    this.#at += array ? 2 : 1;
    const key = this.#key();
    this.#blanks();
    this.#at += array ? 2 : 1;
    const end = this.#at;
    return { kind: "header", array, key, start, end, comment: this.#endOfLine() };
  }

  #pair(): Pair {
    const key = this.#key();
    this.#blanks();
    if (this.#text[this.#at] === "=") this.#at++;
    this.#blanks();
    return { key, value: this.#value() };
  }

  #key(): KeyPart[] {
    const parts: KeyPart[] = [];
    for (;;) {
      this.#blanks();
      const start = this.#at;
      const quote = this.#text[start];
      let name: string;
      if (quote === '"' || quote === "'") {
        this.#string();
        const raw = this.#text.slice(start + 1, this.#at - 1);
        name = quote === '"' ? unescapeBasic(raw) : raw;
      } else {
        name = this.#take(BARE_KEY);
      }
      parts.push({ name, start, end: this.#at });
      this.#blanks();
      if (this.#text[this.#at] !== ".") return parts;
      this.#at++;
    }
  }

  #value(): TomlNode {
    const start = this.#at;
    switch (this.#text[start]) {
      case '"':
      case "'":
        this.#string();
        return { kind: "scalar", start, end: this.#at };
      case "[": {
        const inner = this.#inner("]", () => this.#value());
        return { kind: "array", start, end: this.#at, inner };
      }
      case "{": {
        const inner = this.#inner("}", () => this.#pair());
        return { kind: "table", start, end: this.#at, inner };
      }
      default: {
        const raw = this.#take(SCALAR);
        return { kind: "scalar", start, end: start + raw.trimEnd().length };
      }
    }
  }

  #inner<T>(close: string, read: () => T): Inner<T>[] {
    const inner: Inner<T>[] = [];
    let fresh = false;
    this.#at++;
    while (this.#at < this.#text.length) {
      this.#blanks();
      const character = this.#text[this.#at];
      if (character === close) {
        this.#at++;
        break;
      }
      if (character === "\n") {
        fresh = true;
        this.#at++;
      } else if (character === ",") {
        this.#at++;
      } else if (character === "#") {
        inner.push({ kind: "comment", text: this.#comment(), ownLine: fresh });
      } else {
        const before = this.#at;
        inner.push({ kind: "item", item: read() });
        fresh = false;
        if (this.#at === before) this.#at++;
      }
    }
    return inner;
  }

  /** Any of the four kinds of string; leaves the position behind its closing quotes. */
  #string(): void {
    const quote = this.#text[this.#at] as string;
    const long = this.#text.startsWith(quote.repeat(3), this.#at);
    const end = long ? quote.repeat(3) : quote;
    const first = quote.charCodeAt(0);
    this.#at += end.length;
    while (this.#at < this.#text.length) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === BACKSLASH && quote === '"') {
        this.#at += 2;
      } else if (code === first && this.#text.startsWith(end, this.#at)) {
        this.#at += end.length;
        // Up to two quotes may stand right before the closing three.
        while (long && this.#text[this.#at] === quote) this.#at++;
        return;
      } else {
        this.#at++;
      }
    }
  }

  #endOfLine(): string | undefined {
    this.#blanks();
    const comment = this.#text[this.#at] === "#" ? this.#comment() : undefined;
    if (this.#text[this.#at] === "\n") this.#at++;
    return comment;
  }

  #comment(): string {
    return this.#take(COMMENT).trimEnd();
  }

  #blanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return;
      this.#at++;
    }
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\u001b",
};

function unescapeBasic(raw: string): string {
  return raw.replace(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(.))/g,
    (_, u?: string, U?: string, x?: string, single?: string) => {
      const code = u ?? U ?? x;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      return ESCAPES[single as string] ?? (single as string);
    },
  );
}
