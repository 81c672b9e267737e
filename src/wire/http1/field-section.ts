import { isFieldValue, isToken } from "./characters.ts";
import type { HeadProblem } from "./head-problem.ts";
import { problems } from "./head-problem.ts";

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/**
 * Where the fields are that were scanned last: name and value, begin and end, as offsets of the bytes. One for all,
 * as what is found is used at once or never. Grows with the limit on fields.
 */
export let fieldMarks = new Int32Array(128 * 4);
export let fieldCount = 0;
/** Of the scan that {@link fieldMarks} are of. */
export let scanNumber = 0;

/**
 * Scans the field lines of a head from `at` (RFC 9112 5), strictly; {@link fieldMarks} are then about them.
 * @param end offset behind the last byte to look at
 * @returns the offset of the empty line behind them, a problem, or undefined: the bytes end before it
 */
export function scanFields(
  bytes: Uint8Array,
  at: number,
  end: number,
  maxFields: number,
): number | HeadProblem | undefined {
  if (fieldMarks.length < maxFields * 4) fieldMarks = new Int32Array(maxFields * 4);
  const marks = fieldMarks;
  let count = 0;
  fieldCount = 0;
  scanNumber++;
  for (;;) {
    if (at >= end) return undefined;
    const first = bytes[at] as number;
    if (first === CR) {
      if (at + 1 >= end) return undefined;
      fieldCount = count;
      return bytes[at + 1] === LF ? at : problems.line_end;
    }
    if (first === SP || first === TAB) return problems.obs_fold;

    const nameStart = at;
    while (at < end && isToken[bytes[at] as number] === 1) at++;
    if (at >= end) return undefined;
    if (bytes[at] !== COLON || at === nameStart) {
      return bytes[at] === LF && at === nameStart ? problems.line_end : problems.field_name;
    }
    const nameEnd = at++;

    while (at < end && (bytes[at] === SP || bytes[at] === TAB)) at++;
    const valueStart = at;
    while (at < end && isFieldValue[bytes[at] as number] === 1) at++;
    if (at >= end) return undefined;
    if (bytes[at] !== CR) return bytes[at] === LF ? problems.line_end : problems.field_value;
    if (at + 1 >= end) return undefined;
    if (bytes[at + 1] !== LF) return problems.line_end;
    let valueEnd = at;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--;
    at += 2;

    if (++count > maxFields) return problems.too_many_headers;
    const slot = (count - 1) * 4;
    marks[slot] = nameStart;
    marks[slot + 1] = nameEnd;
    marks[slot + 2] = valueStart;
    marks[slot + 3] = valueEnd;
  }
}

function isBlank(code: number): boolean {
  return code === SP || code === TAB;
}
