/** Which of the 128 ASCII characters. */
export type CharacterSet = Uint8Array;

/** A regular expression as a tree. */
export type Syntax =
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "sequence"; readonly parts: readonly Syntax[] }
  | { readonly kind: "choice"; readonly options: readonly Syntax[] }
  /** `(…)` or `(?<name>…)`: what it takes can be asked for. Counted from 1, by their opening brackets. */
  | {
      readonly kind: "group";
      readonly part: Syntax;
      readonly index: number;
      readonly name: string | undefined;
    }
  | {
      readonly kind: "repeat";
      readonly part: Syntax;
      readonly least: number;
      readonly most: number;
    };

/** The names of groups, of parameters alike. */
const NAME = /^\?<([A-Za-z_][A-Za-z0-9_]*)>/;

/** How often a part may be asked to repeat. */
const REPEAT_AT_MOST = 256;

/**
 * Reads a regular expression: characters, `.`, `[a-z]`, `\d \w \s`, groups, `|`, `* + ? {n,m}`. What needs
 * backtracking (look-around, back references) is not there, so that matching takes linear time.
 * @throws SyntaxError
 */
export function parseSegmentSyntax(source: string): Syntax {
  const reader = new Reader(source);
  const syntax = reader.choice();
  if (!reader.done) throw new SyntaxError(`unexpected "${reader.peek}" at ${reader.at}`);
  return syntax;
}

class Reader {
  at = 0;
  readonly #source: string;
  #groups = 0;
  readonly #names = new Set<string>();

  constructor(source: string) {
    this.#source = source;
  }

  get done(): boolean {
    return this.at >= this.#source.length;
  }
  get peek(): string {
    return this.#source[this.at] ?? "";
  }

  choice(): Syntax {
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    return options.length === 1 ? (options[0] as Syntax) : { kind: "choice", options };
  }

  #sequence(): Syntax {
    const parts: Syntax[] = [];
    while (!this.done && this.peek !== "|" && this.peek !== ")") parts.push(this.#repeated());
    return { kind: "sequence", parts };
  }

  #repeated(): Syntax {
    let part = this.#one();
    for (let bounds = this.#bounds(); bounds !== undefined; bounds = this.#bounds()) {
      part = { kind: "repeat", part, least: bounds[0], most: bounds[1] };
    }
    return part;
  }

  #bounds(): [least: number, most: number] | undefined {
    if (this.#take("*")) return [0, Infinity];
    if (this.#take("+")) return [1, Infinity];
    if (this.#take("?")) return [0, 1];
    const match = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.#source.slice(this.at));
    if (match === null) return undefined;
    this.at += match[0].length;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] === "" ? Infinity : Number(match[3]);
    const largest = most === Infinity ? least : most;
    if (most < least || largest > REPEAT_AT_MOST) {
      throw new SyntaxError(`${match[0]} must count upwards, to at most ${REPEAT_AT_MOST}`);
    }
    return [least, most];
  }

  #one(): Syntax {
    if (this.#take("(")) return this.#group();
    if (this.#take("[")) return { kind: "set", set: this.#class() };
    if (this.#take(".")) return { kind: "set", set: setOf(() => true) };
    if (this.#take("\\")) return { kind: "set", set: this.#escape() };
    const character = this.peek;
    if ("*+?{^$/".includes(character)) {
      throw new SyntaxError(
        `"${character}" at ${this.at} has no meaning there: write "\\${character}"`,
      );
    }
    return { kind: "set", set: only(this.#next()) };
  }

  #group(): Syntax {
    const name = NAME.exec(this.#source.slice(this.at));
    const counted = name !== null || this.peek !== "?";
    const index = counted ? ++this.#groups : 0;
    if (name !== null) this.#named(name);
    else if (this.#take("?") && !this.#take(":")) {
      throw new SyntaxError(
        "only (…), (?:…) and (?<name>…) are groups here: look-around cannot be matched in linear time",
      );
    }
    const inner = this.choice();
    if (!this.#take(")")) throw new SyntaxError('a "(" is not closed');
    return counted ? { kind: "group", part: inner, index, name: name?.[1] } : inner;
  }

  #named([all, name = ""]: RegExpExecArray): void {
    if (this.#names.has(name)) throw new SyntaxError(`two groups are named "${name}"`);
    this.#names.add(name);
    this.at += all.length;
  }

  #class(): CharacterSet {
    const negated = this.#take("^");
    const set = new Uint8Array(128);
    let first = true;
    while (first || this.peek !== "]") {
      if (this.done) throw new SyntaxError('a "[" is not closed');
      first = false;
      const from = this.#take("\\") ? this.#escape() : only(this.#next());
      const range =
        this.peek === "-" && this.#source[this.at + 1] !== "]" && this.at + 1 < this.#source.length;
      if (!range) {
        unite(set, from);
        continue;
      }
      this.at++;
      const to = this.#take("\\") ? this.#escape() : only(this.#next());
      const [low, high] = [single(from), single(to)];
      if (low === undefined || high === undefined || low > high) {
        throw new SyntaxError(
          `the range before ${this.at} must go from one character up to another`,
        );
      }
      for (let code = low; code <= high; code++) set[code] = 1;
    }
    this.at++;
    return negated ? inverse(set) : set;
  }

  #escape(): CharacterSet {
    const character = this.#next();
    const set = CLASSES[character.toLowerCase()];
    if (set !== undefined) return character === character.toLowerCase() ? set : inverse(set);
    if (/[A-Za-z0-9]/.test(character)) {
      throw new SyntaxError(
        `"\\${character}" is not known here: there are \\d, \\w, \\s and escaped signs`,
      );
    }
    return only(character);
  }

  #next(): string {
    const character = this.peek;
    if (character === "") throw new SyntaxError("it ends too early");
    if (character > "\x7f") {
      throw new SyntaxError(
        `"${character}": paths are matched with such characters as %XX escapes`,
      );
    }
    this.at++;
    return character;
  }

  #take(character: string): boolean {
    if (this.peek !== character) return false;
    this.at++;
    return true;
  }
}

const CLASSES: Readonly<Record<string, CharacterSet>> = {
  d: setOf((character) => /\d/.test(character)),
  w: setOf((character) => /\w/.test(character)),
  s: setOf((character) => /\s/.test(character)),
};

function setOf(test: (character: string) => boolean): CharacterSet {
  return Uint8Array.from({ length: 128 }, (_, code) => (test(String.fromCharCode(code)) ? 1 : 0));
}

function only(character: string): CharacterSet {
  return setOf((other) => other === character);
}

function inverse(set: CharacterSet): CharacterSet {
  return set.map((has) => 1 - has);
}

function unite(set: CharacterSet, more: CharacterSet): void {
  for (const [code, has] of more.entries()) if (has === 1) set[code] = 1;
}

function single(set: CharacterSet): number | undefined {
  const first = set.indexOf(1);
  return first >= 0 && set.indexOf(1, first + 1) < 0 ? first : undefined;
}
