import { TOKEN } from "../../../http/header-list.ts";
import type { QuicFields } from "./quic.ts";

// RFC 9114 10.3: what may not stand in a value could split a message that is passed on by HTTP/1.1. The
// transport hands CR, LF and other control characters through.
const FIELD_VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/**
 * `[name, value, …]` of a field section as the transport gives it, pseudo-headers first; undefined when it
 * holds a name or value that makes the message malformed.
 */
export function flattenFields(fields: QuicFields): string[] | undefined {
  const pseudo: string[] = [];
  const flat: string[] = [];
  for (const name in fields) {
    const value = fields[name] as string | string[];
    // Names that look like numbers come first in an object, before the pseudo-headers that led on the wire.
    const list = name.charCodeAt(0) === 0x3a ? pseudo : flat;
    if (list === flat && !TOKEN.test(name)) return undefined;
    if (typeof value === "string") {
      if (!FIELD_VALUE.test(value)) return undefined;
      list.push(name, value);
    } else {
      for (const one of value) {
        if (!FIELD_VALUE.test(one)) return undefined;
        list.push(name, one);
      }
    }
  }
  return pseudo.concat(flat);
}

/**
 * A field section as the transport takes it; repeated names become lists.
 * @param status 0 for trailers
 */
export function collectFields(flat: readonly string[], status: number): QuicFields {
  const fields: QuicFields = Object.create(null) as QuicFields;
  if (status !== 0) fields[":status"] = String(status);
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const value = flat[i + 1] as string;
    const present = fields[name];
    if (present === undefined) fields[name] = value;
    else if (typeof present === "string") fields[name] = [present, value];
    else present.push(value);
  }
  return fields;
}
