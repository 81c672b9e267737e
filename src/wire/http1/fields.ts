import type { HeaderList } from "../../http/header-list.ts";
import { onePiece } from "../../internal/one-piece.ts";
import { isField } from "../../http/field-name.ts";

/**
 * The field lines of a message but for those that frame it, which are the engine's. A frozen list is
 * serialised once, and what of it was put among other fields is not serialised again.
 */
export function fieldLines(headers: HeaderList): string {
  if (headers.encoded !== undefined) return headers.encoded;
  const { flat, constant, constantAt, frozen } = headers;
  if (constant !== undefined) {
    const behind = constantAt + constant.flat.length;
    return (
      linesOf(flat, 0, constantAt, false) +
      fieldLines(constant) +
      linesOf(flat, behind, flat.length, false)
    );
  }
  const text = linesOf(flat, 0, flat.length, frozen);
  return frozen ? (headers.encoded = onePiece(text)) : text;
}

/** Whether a message has a date of its own. A list that is sent again and again has none: see {@link fieldLines}. */
export function hasDate(headers: HeaderList): boolean {
  if (headers.frozen) return false;
  if (headers.encoded !== undefined) return headers.dated;
  const { flat, constant, constantAt } = headers;
  if (constant === undefined) return hasDateIn(flat, 0, flat.length);
  const behind = constantAt + constant.flat.length;
  return hasDateIn(flat, 0, constantAt) || hasDateIn(flat, behind, flat.length);
}

function hasDateIn(flat: readonly string[], from: number, to: number): boolean {
  for (let i = from; i < to; i += 2) {
    const name = flat[i] as string;
    if (name.length === 4 && isField(name, "date")) return true;
  }
  return false;
}

function linesOf(flat: readonly string[], from: number, to: number, undated: boolean): string {
  let text = "";
  for (let i = from; i < to; i += 2) {
    const name = flat[i] as string;
    if (isFraming(name) || (undated && isField(name, "date"))) continue;
    text += `${name}: ${flat[i + 1]}\r\n`;
  }
  return text;
}

/** Fields that say how a message is framed: written by the engine, never copied from a handler. */
function isFraming(name: string): boolean {
  switch (name.length) {
    case 10:
      return isField(name, "connection") || isField(name, "keep-alive");
    case 14:
      return isField(name, "content-length");
    case 17:
      return isField(name, "transfer-encoding");
    default:
      return false;
  }
}
