import type { HeaderList } from "../../http/header-list.ts";
import { isField } from "../../http/field-name.ts";

/**
 * The field lines of a message but for those that frame it, which are the engine's. A frozen list is
 * serialised once.
 */
export function fieldLines(headers: HeaderList): string {
  if (headers.encoded !== undefined) return headers.encoded;
  const flat = headers.flat;
  let text = "";
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    // A list that is sent again and again has no date of its own.
    if (!isFraming(name) && !(headers.frozen && isDate(name)))
      text += `${name}: ${flat[i + 1]}\r\n`;
  }
  if (headers.frozen) headers.encoded = text;
  return text;
}

function isDate(name: string): boolean {
  return isField(name, "date");
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
