import { HttpError } from "../errors.ts";
import type { Source } from "../../wire/source.ts";

/**
 * Reads a body to its end. Answers at once when all of it has arrived; the bytes are the caller's own.
 * @throws HttpError 413 past `limit` bytes; a body whose size is known is refused before it is read
 */
export function readBytes(source: Source | null, limit: number): Uint8Array | Promise<Uint8Array> {
  if (source === null) return new Uint8Array();
  if (source.size !== undefined && source.size > limit) throw tooLarge(limit);
  const first = source.pull();
  if (first instanceof Promise) return readRest(source, limit, [], first);
  if (first === null) return new Uint8Array();
  if (first.byteLength > limit) throw refuse(source, limit);
  // A chunk is lent until the next pull, and the slice of a Buffer would be a view.
  const own = new Uint8Array(first);
  const second = source.pull();
  return second === null ? own : readRest(source, limit, [own], second);
}

async function readRest(
  source: Source,
  limit: number,
  chunks: Uint8Array[],
  next: Uint8Array | null | Promise<Uint8Array | null>,
): Promise<Uint8Array> {
  let size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  for (let chunk = await next; chunk !== null; chunk = await source.pull()) {
    size += chunk.byteLength;
    if (size > limit) throw refuse(source, limit);
    chunks.push(new Uint8Array(chunk));
  }
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}

function refuse(source: Source, limit: number): HttpError {
  source.cancel();
  return tooLarge(limit);
}

function tooLarge(limit: number): HttpError {
  return new HttpError(413, "body_too_large", `The body may have at most ${limit} bytes.`);
}
