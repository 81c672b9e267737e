import { RequestProblem } from "./request-problem.ts";
import { latin1Bytes } from "../runtime/bytes.ts";

/** What one query or form may hold. Over it: 413 in a form, 400 in a query. */
export interface FieldLimits {
  /** Pairs of name and value. */
  fields: number;
  /** Bytes of one name, decoded. */
  nameBytes: number;
  /** Bytes of one value, decoded. */
  valueBytes: number;
}

export const defaultFieldLimits: FieldLimits = {
  fields: 1000,
  nameBytes: 256,
  valueBytes: 1024 * 1024,
};

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const hasByteAboveAscii = /[\x80-\xff]/;

/**
 * Reads `name=value&name=value` as the URL Standard does (`application/x-www-form-urlencoded`, also queries):
 * "+" is a space, a name alone has an empty value, a "%" that begins no escape stands for itself. Unlike it,
 * text that is not UTF-8 is refused instead of repaired.
 * @param text one char a byte
 * @throws RequestProblem 400 for text that is not UTF-8, 413 over a limit
 */
export function parseUrlEncoded(
  text: string,
  limits: FieldLimits = defaultFieldLimits,
): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  const end = text.length;
  for (let start = 0; start < end;) {
    let stop = text.indexOf("&", start);
    if (stop < 0) stop = end;
    if (stop > start) {
      if (pairs.length === limits.fields) {
        throw new RequestProblem(
          413,
          "too_many_fields",
          `Send at most ${limits.fields} fields at once.`,
        );
      }
      const equals = text.indexOf("=", start);
      const split = equals < 0 || equals > stop ? stop : equals;
      const name = decodePart(text, start, split, limits.nameBytes, "name");
      const value = decodePart(text, Math.min(split + 1, stop), stop, limits.valueBytes, "value");
      pairs.push([name, value]);
    }
    start = stop + 1;
  }
  return pairs;
}

function decodePart(
  text: string,
  start: number,
  end: number,
  limit: number,
  what: "name" | "value",
): string {
  // An escape makes one byte of three.
  if (end - start > limit * 3) throw tooLong(what, limit);
  const part = text.slice(start, end);
  const spaced = part.includes("+") ? part.replaceAll("+", " ") : part;
  const escaped = spaced.includes("%");
  if (!escaped && !hasByteAboveAscii.test(spaced)) {
    if (spaced.length > limit) throw tooLong(what, limit);
    return spaced;
  }
  const bytes = escaped ? unescapeBytes(spaced) : latin1Bytes(spaced);
  if (bytes.byteLength > limit) throw tooLong(what, limit);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new RequestProblem(400, "field_not_utf8", `A field's ${what} is not UTF-8 text.`);
  }
}

function tooLong(what: string, limit: number): RequestProblem {
  return new RequestProblem(
    413,
    `field_${what}_too_long`,
    `A field's ${what} may have at most ${limit} bytes.`,
  );
}

function unescapeBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let size = 0;
  for (let i = 0; i < text.length; i++) {
    let byte = text.charCodeAt(i);
    if (byte === 0x25) {
      const high = hexValue(text.charCodeAt(i + 1));
      const low = hexValue(text.charCodeAt(i + 2));
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        i += 2;
      }
    }
    bytes[size++] = byte;
  }
  return bytes.subarray(0, size);
}

/** -1 for what is no hexadecimal digit, NaN included. */
function hexValue(char: number): number {
  if (char >= 0x30 && char <= 0x39) return char - 0x30;
  const lower = char | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
