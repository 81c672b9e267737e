import { onePiece } from "../internal/one-piece.ts";
import type { ReceivedFields } from "./received-fields.ts";
import { haveField, lengthBit, splitFieldLines } from "./received-fields.ts";

/**
 * A header section as it stands on the wire: names in their original case, in order, duplicates kept.
 *
 * It has the methods of the web's `Headers` over one flat array (`[name, value, name, value, …]`),
 * which is what the engines write and read. Names are compared without regard to case (RFC 9110 5.1).
 */
export class HeaderList implements Iterable<[string, string]> {
  /**
   * Serialised form without the fields that frame a message: kept by an engine for a frozen list, so that constant
   * heads are built once, or what a list of {@link ofLines} was made of. Undefined once something may have changed.
   */
  encoded: string | undefined = undefined;
  /** What the list was made of, as long as nothing can have been changed since. */
  received: ReceivedFields | undefined = undefined;
  /** Set by {@link freeze}. */
  frozen = false;
  /**
   * A frozen list whose fields lie in {@link flat}, all and in order, from {@link constantAt} on: an engine can take
   * what it has kept of them. Whoever changes these by another way than the methods must set it to undefined.
   */
  constant: HeaderList | undefined = undefined;
  /** Index in {@link flat}. */
  constantAt = 0;
  /** Of a list that {@link encoded} says all of: whether it has a Date. */
  dated = false;
  /** Undefined as long as nobody has looked. */
  #flat: string[] | undefined;
  /** Which lengths names can have, bit `length & 31` for each, as long as nobody has looked, or nobody can change it. */
  #lengths = 0;

  /**
   * @param flat names and values in turn; taken over, not copied, and trusted: use {@link HeaderList.from}
   * for values that come from elsewhere.
   */
  constructor(flat: string[] = []) {
    this.#flat = flat;
  }

  /** A list that is taken apart when somebody looks. */
  static received(fields: ReceivedFields): HeaderList {
    const list = new HeaderList(NONE);
    list.#flat = undefined;
    list.#lengths = fields.lengths;
    list.received = fields;
    return list;
  }

  /**
   * Of checked field lines, each with its CRLF, of which none frames a message.
   * @param lengths which lengths names can have, see {@link ReceivedFields.lengths}
   */
  static ofLines(lines: string, lengths: number, dated: boolean): HeaderList {
    const list = new HeaderList(NONE);
    list.#flat = undefined;
    list.#lengths = lengths;
    list.encoded = lines;
    list.dated = dated;
    return list;
  }

  /**
   * `[name, value, name, value, …]`. Engines read it; others use the methods, which validate. Who has it may change
   * it, so what is kept of a list as it was is forgotten.
   */
  get flat(): string[] {
    const flat = this.#fields();
    this.received = undefined;
    if (!this.frozen) this.encoded = undefined;
    return flat;
  }

  /** To look at, not to change. */
  #fields(): string[] {
    return (this.#flat ??= this.received?.flat() ?? splitFieldLines(this.encoded ?? "", 0));
  }

  /** For what changes the list. @throws TypeError when it is frozen */
  #changing(): string[] {
    if (this.frozen) {
      throw new TypeError("this header list is frozen: clone() it before changing it");
    }
    return this.flat;
  }

  /** Builds a list from anything `Headers` takes. @throws TypeError on an invalid name or value. */
  static from(
    init?: HeaderList | Iterable<readonly [string, string]> | Record<string, string>,
  ): HeaderList {
    if (init instanceof HeaderList) return init.clone();
    const list = new HeaderList();
    if (init === undefined) return list;
    const entries =
      Symbol.iterator in init
        ? (init as Iterable<readonly [string, string]>)
        : Object.entries(init as Record<string, string>);
    for (const [name, value] of entries) list.append(name, value);
    return list;
  }

  /** How many fields there are. */
  get size(): number {
    return this.#fields().length >> 1;
  }

  /**
   * Whether there may be a field whose name is as long as one of those in `lengths`, told without looking.
   * @param lengths bits as in {@link ReceivedFields.lengths}
   */
  mayHave(lengths: number): boolean {
    return (this.#flat !== undefined && !this.frozen) || (this.#lengths & lengths) !== 0;
  }

  /** Makes the list constant: later changes throw, and engines may keep its serialised form. */
  freeze(): this {
    if (this.#flat !== undefined) this.#lengths = lengthsOf(this.#flat);
    this.frozen = true;
    return this;
  }

  /** A copy that may be changed. */
  clone(): HeaderList {
    return new HeaderList(this.#fields().slice());
  }

  /** The first value of `name`, or null. Unlike `Headers.get` it does not join duplicates: see {@link joined}. */
  get(name: string): string | null {
    if (!this.mayHave(lengthBit(name.length))) return null;
    const known = this.#valuesOf(name);
    if (known !== undefined) return known[0] ?? null;
    const at = this.#find(name, 0);
    return at < 0 ? null : (this.#fields()[at + 1] as string);
  }

  /** Every value of `name` in order. */
  getAll(name: string): string[] {
    const known = this.#valuesOf(name);
    if (known !== undefined) return known;
    const values: string[] = [];
    for (let at = this.#find(name, 0); at >= 0; at = this.#find(name, at + 2)) {
      values.push(this.#fields()[at + 1] as string);
    }
    return values;
  }

  /** The values of `name` joined by ", " (RFC 9110 5.3), or null. */
  joined(name: string): string | null {
    const known = this.#valuesOf(name);
    if (known !== undefined && known.length < 2) return known[0] ?? null;
    const first = this.#find(name, 0);
    if (first < 0) return null;
    if (this.#find(name, first + 2) < 0) return this.#fields()[first + 1] as string;
    return this.getAll(name).join(name.toLowerCase() === "cookie" ? "; " : ", ");
  }

  has(name: string): boolean {
    const known = this.#valuesOf(name);
    return known === undefined ? this.#find(name, 0) >= 0 : known.length > 0;
  }

  /** The values of a name in what nobody has looked into, without looking into the rest; undefined where that cannot be. */
  #valuesOf(name: string): string[] | undefined {
    if (this.#flat !== undefined) return undefined;
    if (!this.mayHave(lengthBit(name.length))) return [];
    return this.received?.values(name.toLowerCase());
  }

  /** @throws TypeError on an invalid name or value. */
  append(name: string, value: string): void {
    checkField(name, value);
    if (!this.#addLine(name, value)) this.#changing().push(name, value);
  }

  /** Replaces every value of `name`. @throws TypeError on an invalid name or value. */
  set(name: string, value: string): void {
    checkField(name, value);
    if (!this.#linesHave(name) && this.#addLine(name, value)) return;
    const flat = this.#changing();
    const at = this.#find(name, 0);
    if (at < 0) {
      flat.push(name, value);
      return;
    }
    this.constant = undefined;
    flat[at] = name;
    flat[at + 1] = value;
    this.#remove(name, at + 2);
  }

  delete(name: string): void {
    if (!this.frozen && this.#find(name, 0) < 0) return;
    this.#changing();
    this.#remove(name, 0);
  }

  forEach(visit: (value: string, name: string) => void): void {
    const flat = this.#fields();
    for (let i = 0; i < flat.length; i += 2) visit(flat[i + 1] as string, flat[i] as string);
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    const flat = this.#fields();
    for (let i = 0; i < flat.length; i += 2) yield [flat[i] as string, flat[i + 1] as string];
  }

  /**
   * Takes over the fields of another list, which were checked there: each replaces those of its name, but for
   * the names in `added`, which come in several lines.
   * @param added lower case
   */
  merge(other: HeaderList, added: ReadonlySet<string>): void {
    const flat = other.#fields();
    if (this.#addLines(other, flat)) return;
    const own = this.#changing();
    // Almost every name is new, and most of these by their length.
    const lengths = lengthsOf(own);
    for (let i = 0; i < flat.length && other.mayHave(lengths); i += 2) {
      const name = flat[i] as string;
      if ((lengths & lengthBit(name.length)) === 0) continue;
      if (this.#find(name, 0) >= 0 && !added.has(name.toLowerCase())) this.#remove(name, 0);
    }
    const constant = other.frozen ? other : other.constant;
    // A Date would be left out, as of all that is sent again and again.
    if (constant?.has("date") === false && this.constant === undefined) {
      this.constant = constant;
      this.constantAt = own.length + (other.frozen ? 0 : other.constantAt);
    }
    if (own.length === 0) this.#flat = flat.slice();
    else for (let i = 0; i < flat.length; i++) own.push(flat[i] as string);
  }

  /** Whether there is, or may be, a field of that name in lines that nobody has looked into. */
  #linesHave(name: string): boolean {
    if (!this.mayHave(lengthBit(name.length))) return false;
    return this.encoded === undefined || haveField(this.encoded, name);
  }

  /** Whether it is made of lines that nobody has looked into, to which others can be added. */
  get #takesLines(): boolean {
    return this.#flat === undefined && this.encoded !== undefined && !this.frozen;
  }

  /** Adds a field to lines that nobody has looked into. @returns false where it takes more than that */
  #addLine(name: string, value: string): boolean {
    const bit = lengthBit(name.length);
    if (!this.#takesLines || (bit & SPECIAL_LENGTHS) !== 0) return false;
    this.encoded += `${name}: ${value}\r\n`;
    this.#lengths |= bit;
    return true;
  }

  /** The same with all fields of another list, if each has a name that is new. */
  #addLines({ constant, constantAt }: HeaderList, flat: readonly string[]): boolean {
    if (!this.#takesLines) return false;
    let lines = "";
    let lengths = 0;
    for (let i = 0; i < flat.length;) {
      if (constant !== undefined && i === constantAt) {
        if (!this.#takesAll(constant)) return false;
        // Nothing in here is special, so these are the lines that engines keep of it too.
        lines += constant.encoded ??= onePiece(linesOf(constant.#fields()));
        lengths |= constant.#lengths;
        i += constant.#fields().length;
      } else {
        const name = flat[i] as string;
        const bit = lengthBit(name.length);
        if ((bit & SPECIAL_LENGTHS) !== 0 || this.#linesHave(name)) return false;
        lines += `${name}: ${flat[i + 1]}\r\n`;
        lengths |= bit;
        i += 2;
      }
    }
    this.encoded += lines;
    this.#lengths |= lengths;
    return true;
  }

  /** Whether each field of a frozen list is neither special nor here. */
  #takesAll(constant: HeaderList): boolean {
    if (constant.mayHave(SPECIAL_LENGTHS)) return false;
    if (!this.mayHave(constant.#lengths)) return true;
    const flat = constant.#fields();
    for (let i = 0; i < flat.length; i += 2) if (this.#linesHave(flat[i] as string)) return false;
    return true;
  }

  /** Puts another value in place of every one of `name`. @throws TypeError on an invalid value */
  replaceValues(name: string, change: (value: string) => string): void {
    for (let at = this.#find(name, 0); at >= 0; at = this.#find(name, at + 2)) {
      const flat = this.#changing();
      const value = change(flat[at + 1] as string);
      checkField(name, value);
      this.constant = undefined;
      flat[at + 1] = value;
    }
  }

  #remove(name: string, from: number): void {
    const flat = this.#fields();
    for (let at = this.#find(name, from); at >= 0; at = this.#find(name, at)) {
      this.constant = undefined;
      flat.splice(at, 2);
    }
  }

  #find(name: string, from: number): number {
    const length = name.length;
    if (!this.mayHave(lengthBit(length))) return -1;
    const flat = this.#fields();
    // Letters of either case differ in this bit, and other characters of names seldom in it alone.
    const last = name.charCodeAt(length - 1) | 0x20;
    let lower: string | undefined;
    for (let i = from; i < flat.length; i += 2) {
      const candidate = flat[i] as string;
      if (candidate.length !== length) continue;
      if ((candidate.charCodeAt(length - 1) | 0x20) !== last) continue;
      if (candidate === name) return i;
      lower ??= name.toLowerCase();
      if (candidate.toLowerCase() === lower) return i;
    }
    return -1;
  }
}

/** Of the names of fields that frame a message, which are in no lines, and of Date. */
const SPECIAL_LENGTHS = lengthBit(4) | lengthBit(10) | lengthBit(14) | lengthBit(17);

function linesOf(flat: readonly string[]): string {
  let lines = "";
  for (let i = 0; i < flat.length; i += 2) lines += `${flat[i]}: ${flat[i + 1]}\r\n`;
  return lines;
}

/** Stands for what nobody has looked at. */
const NONE: string[] = [];

/** Which lengths, modulo 32, the names in `flat` have: a bit for each. */
function lengthsOf(flat: readonly string[]): number {
  let lengths = 0;
  for (let i = 0; i < flat.length; i += 2) lengths |= lengthBit((flat[i] as string).length);
  return lengths;
}

/** A token as RFC 9110 5.6.2 defines it: the shape of methods and field names. */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// RFC 9110 5.5: visible characters, space, tab and obs-text; one byte each, so nothing above U+00FF.
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Refuses what could split or smuggle a message. @throws TypeError naming the field. */
export function checkField(name: string, value: string): void {
  if (!TOKEN.test(name)) {
    throw new TypeError(`invalid header name ${JSON.stringify(name)}: use a token (RFC 9110 5.1)`);
  }
  if (!FIELD_VALUE.test(value)) {
    throw new TypeError(
      `invalid value for header ${name}: control characters and text above U+00FF must be encoded first`,
    );
  }
}
