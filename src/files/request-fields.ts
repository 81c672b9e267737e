import { isField } from "../http/field-name.ts";
import type { Preconditions } from "../http/conditional.ts";
import type { HeaderList } from "../http/header-list.ts";

/** The fields of a request that change what is sent of a file. */
export interface RequestFields extends Preconditions {
  range?: string | undefined;
}

/** Whether there may be any of {@link RequestFields}: one pass that looks at a letter or two of each name. */
export function mayBeSpecial(headers: HeaderList): boolean {
  const flat = headers.flat;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const first = name.charCodeAt(0) | 0x20;
    // "If-…" or "Range"
    if (first === 0x69 ? name.charCodeAt(2) === 0x2d : first === 0x72 && name.length === 5) {
      return true;
    }
  }
  return false;
}

/** `Accept-Encoding`, its lines joined; undefined when there is none. */
export function acceptEncoding(headers: HeaderList): string | undefined {
  const flat = headers.flat;
  let found: string | undefined;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (!isField(name, "accept-encoding")) continue;
    const value = flat[i + 1] as string;
    found = found === undefined ? value : `${found}, ${value}`;
  }
  return found;
}

/** Reads the fields in one pass. */
export function requestFields(headers: HeaderList): RequestFields {
  const fields: RequestFields = {};
  const flat = headers.flat;
  for (let i = 0; i < flat.length; i += 2) {
    const key = keyOf(flat[i] as string);
    if (key === undefined) continue;
    const value = flat[i + 1] as string;
    const before = fields[key];
    fields[key] = before === undefined ? value : `${before}, ${value}`;
  }
  return fields;
}

function keyOf(name: string): keyof RequestFields | undefined {
  switch (name.length) {
    case 5:
      return isField(name, "range") ? "range" : undefined;
    case 8:
      if (name.charCodeAt(2) !== 0x2d) return undefined;
      if (isField(name, "if-match")) return "ifMatch";
      return isField(name, "if-range") ? "ifRange" : undefined;
    case 13:
      return isField(name, "if-none-match") ? "ifNoneMatch" : undefined;
    case 17:
      return isField(name, "if-modified-since") ? "ifModifiedSince" : undefined;
    case 19:
      return isField(name, "if-unmodified-since") ? "ifUnmodifiedSince" : undefined;
    default:
      return undefined;
  }
}
