import { staticTable } from "./static-table.ts";

/** Name → first index; `name\0value` → index. */
const names = new Map<string, number>();
const pairs = new Map<string, number>();
for (const [index, [name, value]] of staticTable.entries()) {
  if (!names.has(name)) names.set(name, index + 1);
  if (value !== "") pairs.set(`${name}\0${value}`, index + 1);
}

/**
 * Encodes fields as RFC 7541 does without a dynamic table: what the static table has by index, the rest as
 * literals. It keeps no state, so a constant section can be encoded once and sent on any connection.
 * @param flat `[name, value, …]`, names in lower case, one byte a char
 */
export function encodeFields(flat: readonly string[]): Uint8Array {
  let size = 0;
  for (const text of flat) size += text.length + 6;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const value = flat[i + 1] as string;
    const pair = pairs.get(`${name}\0${value}`);
    if (pair !== undefined) {
      bytes[at++] = 0x80 | pair;
      continue;
    }
    const index = names.get(name) ?? 0;
    at = writeInteger(bytes, at, 4, 0, index);
    if (index === 0) at = writeString(bytes, at, name);
    at = writeString(bytes, at, value);
  }
  return bytes.subarray(0, at);
}

function writeInteger(
  bytes: Uint8Array,
  at: number,
  prefix: number,
  flags: number,
  value: number,
): number {
  const mask = (1 << prefix) - 1;
  if (value < mask) {
    bytes[at] = flags | value;
    return at + 1;
  }
  bytes[at++] = flags | mask;
  let rest = value - mask;
  while (rest >= 128) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

function writeString(bytes: Uint8Array, at: number, text: string): number {
  let to = writeInteger(bytes, at, 7, 0, text.length);
  for (let i = 0; i < text.length; i++) bytes[to++] = text.charCodeAt(i);
  return to;
}
