import { HttpError } from "../errors.ts";
import type { Source } from "../../wire/source.ts";
import { readBytes } from "./read-bytes.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Reads a body as UTF-8. @throws HttpError 413 past `limit` bytes, 400 when it is not UTF-8 */
export function readText(source: Source | null, limit: number): string | Promise<string> {
  const bytes = readBytes(source, limit);
  return bytes instanceof Promise ? bytes.then(decode) : decode(bytes);
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new HttpError(400, "invalid_utf8", "The body is not valid UTF-8.");
  }
}
