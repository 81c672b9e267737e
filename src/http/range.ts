import { trimOws } from "./trim-ows.ts";

/** One range of bytes, both ends inclusive, inside the representation. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * What a `Range` field asks for: `ignore` it and send the whole (200), nothing it names exists
 * (`unsatisfiable`, 416), or the ranges to send (206).
 */
export type RangeRequest = "ignore" | "unsatisfiable" | readonly ByteRange[];

/** More ranges than this in one request are not worth serving: no viewer asks for them, attacks do. */
export const MAX_RANGES = 16;

const UNIT = /^bytes=/i;
const SPEC = /^(?:(\d+)-(\d*)|-(\d+))$/;

/**
 * Reads a `Range` field (RFC 9110 14.1.2, 14.2) for a representation of `size` bytes.
 *
 * Other units and invalid sets are ignored. So are sets of more than {@link MAX_RANGES} ranges; ranges that
 * overlap or touch are joined and then sent in ascending order, so that no byte is sent twice and a request
 * can never cost more than the file itself (CVE-2011-3192).
 */
export function parseRange(field: string, size: number): RangeRequest {
  if (!UNIT.test(field)) return "ignore";
  const specs = field.slice("bytes=".length).split(",", MAX_RANGES * 4 + 1);
  const ranges: ByteRange[] = [];
  let count = 0;
  for (const spec of specs) {
    const text = trimOws(spec);
    // RFC 9110 5.6.1.2: a recipient takes empty list members.
    if (text === "") continue;
    const found = SPEC.exec(text);
    if (found === null) return "ignore";
    count++;
    const suffix = found[3];
    if (suffix !== undefined) {
      const length = Number(suffix);
      if (length === 0) continue;
      // Satisfiable, but an empty representation has no range that Content-Range could name.
      if (size === 0) return "ignore";
      ranges.push({ first: Math.max(0, size - length), last: size - 1 });
      continue;
    }
    const first = Number(found[1]);
    const last = found[2] === "" ? Infinity : Number(found[2]);
    if (isDescending(found[1] as string, found[2] as string)) return "ignore";
    if (first < size) ranges.push({ first, last: Math.min(last, size - 1) });
  }
  if (count === 0 || count > MAX_RANGES || specs.length > MAX_RANGES * 4) return "ignore";
  if (ranges.length === 0) return "unsatisfiable";
  return ranges.length === 1 ? ranges : joinOverlapping(ranges);
}

/** `last` before `first` makes the whole set invalid; compared as digits, since numbers this long lose precision. */
function isDescending(first: string, last: string): boolean {
  if (last === "") return false;
  const a = first.replace(/^0+(?=\d)/, "");
  const b = last.replace(/^0+(?=\d)/, "");
  return a.length === b.length ? b < a : b.length < a.length;
}

function joinOverlapping(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const sorted = ranges.toSorted((a, b) => a.first - b.first);
  const joined: ByteRange[] = [];
  for (const range of sorted) {
    const before = joined.at(-1);
    if (before === undefined || range.first > before.last + 1) joined.push(range);
    else
      joined[joined.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
  }
  // Where nothing overlaps the client's own order is kept (RFC 9110 15.3.7.2).
  return joined.length === ranges.length ? ranges : joined;
}

/** The `Content-Range` of one range (RFC 9110 14.4), or of a 416 when `range` is left out. */
export function contentRange(size: number, range?: ByteRange): string {
  return range === undefined ? `bytes */${size}` : `bytes ${range.first}-${range.last}/${size}`;
}
