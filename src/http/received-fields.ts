import { isFieldAt } from "./field-name.ts";
import { trimOws } from "./trim-ows.ts";

/** What becomes of a field line that was received: it is kept, left out, or the lines cannot be taken as they are. */
export const enum FieldVerdict {
  Keep,
  Omit,
  GiveUp,
}

/**
 * Judges a field line of `text`. The name has `length` characters from `at` on, the value goes from `valueAt` to
 * `valueEnd`, without the blanks around it.
 */
export type FieldJudge = (
  text: string,
  at: number,
  length: number,
  valueAt: number,
  valueEnd: number,
) => FieldVerdict;

/** A header section as it was received, checked and not yet taken apart: mostly nobody asks for most of it. */
export interface ReceivedFields {
  /** Which lengths its names have: bit `length & 31` for each. */
  readonly lengths: number;
  /** Names and values in turn. */
  flat(): string[];
  /** Every value of a name, or undefined: it cannot be told without {@link flat}. @param lower in lower case */
  values(lower: string): string[] | undefined;
  /** The lines that are kept, each with its CRLF; undefined when it was given up. */
  keep(judge: FieldJudge): string | undefined;
}

/** The bit of {@link ReceivedFields.lengths} for names of so many characters. */
export function lengthBit(length: number): number {
  return 1 << (length & 31);
}

/** The bits of {@link ReceivedFields.lengths} for all of these names. */
export function lengthBits(names: Iterable<string>): number {
  let bits = 0;
  for (const { length } of names) bits |= lengthBit(length);
  return bits;
}

/** Whether one of the field lines is of that name. */
export function haveField(lines: string, name: string): boolean {
  const { length } = name;
  // Letters of either case differ in this bit alone; for most lines that tells them apart.
  const first = name.charCodeAt(0) | 0x20;
  for (let at = 0; at < lines.length;) {
    if (
      lines.charCodeAt(at + length) === COLON &&
      (lines.charCodeAt(at) | 0x20) === first &&
      isFieldAt(lines, at, name.toLowerCase())
    ) {
      return true;
    }
    at = lines.indexOf("\r\n", at) + 2;
  }
  return false;
}

const COLON = 0x3a;

/** Field lines that were found right, as names and values in turn. @param from where they begin in the text */
export function splitFieldLines(text: string, from: number): string[] {
  const fields: string[] = [];
  for (let at = from; at < text.length;) {
    const colon = text.indexOf(":", at);
    const end = text.indexOf("\r\n", colon);
    fields.push(text.slice(at, colon), trimOws(text.slice(colon + 1, end)));
    at = end + 2;
  }
  return fields;
}
