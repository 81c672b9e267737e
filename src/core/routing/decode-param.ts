import { HttpError } from "../errors.ts";

/** Decodes a parameter once, from the canonical path. @throws HttpError 400 when its bytes are not UTF-8 */
export function decodeParam(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    throw new HttpError(400, "path_invalid_utf8", "The path has bytes that are not UTF-8.");
  }
}
