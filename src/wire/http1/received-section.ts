import { isFieldAt } from "../../http/field-name.ts";
import type { FieldJudge, ReceivedFields } from "../../http/received-fields.ts";
import { FieldVerdict, splitFieldLines } from "../../http/received-fields.ts";
import { fieldCount, fieldMarks, scanNumber } from "./field-section.ts";

/** The fields of the head that was scanned last; they may be taken apart at once or much later. */
export class ReceivedSection implements ReceivedFields {
  readonly lengths: number;
  /** The head, from its first line on. */
  readonly #text: string;
  /** Offset of the text in the bytes that were scanned. */
  readonly #start: number;
  /** Where the field lines begin in the text. */
  readonly #from: number;
  readonly #scan = scanNumber;

  /**
   * @param text the head decoded as Latin-1, up to the end of its last field line
   * @param start offset of the text in the bytes @param from of the field lines in the text
   */
  constructor(text: string, start: number, from: number, lengths: number) {
    this.#text = text;
    this.#start = start;
    this.#from = from;
    this.lengths = lengths;
  }

  flat(): string[] {
    const text = this.#text;
    const fields: string[] = [];
    if (this.#scan !== scanNumber) return splitFieldLines(text, this.#from);
    const marks = fieldMarks;
    const start = this.#start;
    for (let slot = 0; slot < fieldCount * 4; slot += 4) {
      fields.push(
        text.slice((marks[slot] as number) - start, (marks[slot + 1] as number) - start),
        text.slice((marks[slot + 2] as number) - start, (marks[slot + 3] as number) - start),
      );
    }
    return fields;
  }

  values(lower: string): string[] | undefined {
    if (this.#scan !== scanNumber) return undefined;
    const text = this.#text;
    const marks = fieldMarks;
    const start = this.#start;
    const values: string[] = [];
    for (let slot = 0; slot < fieldCount * 4; slot += 4) {
      const at = marks[slot] as number;
      if ((marks[slot + 1] as number) - at !== lower.length) continue;
      if (!isFieldAt(text, at - start, lower)) continue;
      values.push(
        text.slice((marks[slot + 2] as number) - start, (marks[slot + 3] as number) - start),
      );
    }
    return values;
  }

  keep(judge: FieldJudge): string | undefined {
    // Another head was read since: whoever comes so late takes the way over names and values.
    if (this.#scan !== scanNumber) return undefined;
    const text = this.#text;
    const marks = fieldMarks;
    const start = this.#start;
    let kept = "";
    /** Where the lines begin that are kept together. */
    let from = this.#from;
    for (let slot = 0; slot < fieldCount * 4; slot += 4) {
      const at = (marks[slot] as number) - start;
      const length = (marks[slot + 1] as number) - start - at;
      const valueAt = (marks[slot + 2] as number) - start;
      const verdict = judge(text, at, length, valueAt, (marks[slot + 3] as number) - start);
      if (verdict === FieldVerdict.Keep) continue;
      if (verdict === FieldVerdict.GiveUp) return undefined;
      if (at > from) kept += text.slice(from, at);
      from = slot + 4 < fieldCount * 4 ? (marks[slot + 4] as number) - start : text.length;
    }
    return kept + text.slice(from);
  }
}
