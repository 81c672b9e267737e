import { fromBase64Url, toBase64Url } from "../internal/base64url.ts";
import type { CookieKeys } from "./cookie-keys.ts";
import { RequestProblem } from "./request-problem.ts";

/** What the last item of a page is found by: the values of the columns that order the list. */
export type CursorValues = readonly (string | number | boolean | null)[];

const MAX_LENGTH = 2048;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Values as one opaque text, for keyset pagination: `WHERE (created, id) > (?, ?) ORDER BY created, id LIMIT ?`.
 * A client can read and make it: sign it with {@link signCursor} where its values are nobody's to choose.
 * @example encodeCursor([last.created, last.id])
 */
export function encodeCursor(values: CursorValues): string {
  return toBase64Url(encoder.encode(JSON.stringify(values)));
}

/**
 * The values of {@link encodeCursor}. Their types are whatever a client sent: check them, or give `columns`.
 * @param columns what `typeof` says of each value
 * @throws RequestProblem 400 when it is no cursor of that shape
 */
export function decodeCursor(
  text: string,
  columns?: readonly ("string" | "number" | "boolean")[],
): CursorValues {
  const bytes = text.length > MAX_LENGTH ? undefined : fromBase64Url(text);
  const values = bytes === undefined ? undefined : parse(bytes);
  if (values === undefined) throw badCursor();
  if (columns !== undefined) {
    const fits = (type: string, at: number) => typeof values[at] === type;
    if (values.length !== columns.length || !columns.every(fits)) throw badCursor();
  }
  return values;
}

/** A cursor that only this application can make. */
export function signCursor(keys: CookieKeys, values: CursorValues): Promise<string> {
  return keys.sign(CURSOR, encodeCursor(values));
}

/** The values of {@link signCursor}. @throws RequestProblem 400 when nobody here made it */
export async function verifyCursor(keys: CookieKeys, text: string): Promise<CursorValues> {
  const cursor = text.length > MAX_LENGTH ? undefined : await keys.verify(CURSOR, text);
  if (cursor === undefined) throw badCursor();
  return decodeCursor(cursor);
}

/** No cookie has this name, so that no cookie is taken for a cursor. */
const CURSOR = "cursor ";

function parse(bytes: Uint8Array): CursorValues | undefined {
  let values: unknown;
  try {
    values = JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
  const isPlain = (value: unknown) => value === null || typeof value !== "object";
  return Array.isArray(values) && values.every(isPlain) ? (values as CursorValues) : undefined;
}

function badCursor(): RequestProblem {
  return new RequestProblem(400, "bad_cursor", "The cursor is not one that this list gave.");
}
