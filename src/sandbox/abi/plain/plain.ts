import { GuestError } from "../../errors.ts";
import type { Abi, Payload } from "../abi.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Modules that import nothing: an export is called with numbers and gives numbers. The input is a JSON array
 * of numbers (nothing for none; an `i64` is given as a text of digits), the output one number, an array of
 * them, or null.
 */
export const plain: Abi = {
  name: "plain",
  link: () => ({}),
  call(guest, entry, input) {
    const exported = guest.exports[entry];
    if (typeof exported !== "function") {
      throw new GuestError(`the module exports no function ${JSON.stringify(entry)}`);
    }
    const result = (exported as (...args: unknown[]) => unknown)(...readArguments(input));
    return encoder.encode(JSON.stringify(printable(result)));
  },
  reset: () => true,
};

function readArguments(input: Payload): unknown[] {
  let value: unknown = input;
  if (input instanceof Uint8Array) {
    if (input.byteLength === 0) return [];
    try {
      value = JSON.parse(decoder.decode(input));
    } catch {
      throw new GuestError("a module without an ABI takes a JSON array of numbers");
    }
  }
  if (value === null || value === undefined) return [];
  const list = Array.isArray(value) ? value : [value];
  return list.map((one: unknown) => {
    if (typeof one === "number") return one;
    if (typeof one === "string" && /^-?\d{1,20}$/.test(one)) return BigInt(one);
    throw new GuestError("a module without an ABI takes numbers, and texts of digits for an i64");
  });
}

function printable(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" || Array.isArray(value)) {
    return Array.isArray(value) ? value.map(printable) : value;
  }
  return null;
}
