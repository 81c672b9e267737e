import type { QuicFields } from "./quic.ts";

/** `[name, value, …]` of a field section as the transport gives it. */
export function flattenFields(fields: QuicFields): string[] {
  const flat: string[] = [];
  for (const name in fields) {
    const value = fields[name] as string | string[];
    if (typeof value === "string") flat.push(name, value);
    else for (const one of value) flat.push(name, one);
  }
  return flat;
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
