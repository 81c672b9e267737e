import { isFieldAt } from "../../http/field-name.ts";
import { lengthBit } from "../../http/received-fields.ts";
import { fieldCount, fieldMarks } from "./field-section.ts";
import type { HeadProblem } from "./head-problem.ts";
import { problems } from "./head-problem.ts";

/** So many digits stay below 2⁵³. */
const MAX_DIGITS = 15;
const ZERO = 0x30;

/** What the fields of a head say about its framing, gathered from where the last scan found them. */
export class FramingFields {
  /** Which lengths the names have: bit `length & 31` for each. */
  lengths = 0;
  contentLengths = 0;
  length = 0;
  encoding: string | undefined;
  connection: string | undefined;
  upgrade: string | undefined;
  protected readonly text: string;
  readonly #start: number;

  /** @param text the head, decoded as Latin-1 @param start its offset in the bytes that were scanned */
  constructor(text: string, start: number) {
    this.text = text;
    this.#start = start;
  }

  /** @returns what is wrong, first in the order of the fields */
  read(): HeadProblem | undefined {
    const marks = fieldMarks;
    for (let slot = 0; slot < fieldCount * 4; slot += 4) {
      const at = marks[slot] as number;
      const length = (marks[slot + 1] as number) - at;
      this.lengths |= lengthBit(length);
      const problem = this.note(at - this.#start, length, slot);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  protected value(slot: number): string {
    return this.text.slice(
      (fieldMarks[slot + 2] as number) - this.#start,
      (fieldMarks[slot + 3] as number) - this.#start,
    );
  }

  /** The value where it is digits and nothing else. */
  #number(slot: number): number | undefined {
    const from = (fieldMarks[slot + 2] as number) - this.#start;
    const to = (fieldMarks[slot + 3] as number) - this.#start;
    if (to === from || to - from > MAX_DIGITS) return undefined;
    let number = 0;
    for (let i = from; i < to; i++) {
      const digit = this.text.charCodeAt(i) - ZERO;
      if (digit < 0 || digit > 9) return undefined;
      number = number * 10 + digit;
    }
    return number;
  }

  /** Names are told apart by length first, as almost every one is. */
  protected note(at: number, length: number, slot: number): HeadProblem | undefined {
    const { text } = this;
    switch (length) {
      case 7:
        if (isFieldAt(text, at, "upgrade")) this.upgrade = join(this.upgrade, this.value(slot));
        break;
      case 10:
        if (isFieldAt(text, at, "connection"))
          this.connection = join(this.connection, this.value(slot));
        break;
      case 14:
        if (isFieldAt(text, at, "content-length")) {
          if (++this.contentLengths > 1) return problems.content_length_repeated;
          const value = this.#number(slot);
          if (value === undefined) return problems.content_length;
          this.length = value;
        }
        break;
      case 17:
        if (isFieldAt(text, at, "transfer-encoding"))
          this.encoding = join(this.encoding, this.value(slot));
        break;
    }
    return undefined;
  }
}

function join(list: string | undefined, value: string): string {
  return list === undefined ? value : `${list},${value}`;
}
