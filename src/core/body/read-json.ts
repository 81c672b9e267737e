import { HttpError } from "../errors.ts";
import type { Source } from "../../wire/source.ts";
import { readText } from "./read-text.ts";

/**
 * Reads a body as JSON (RFC 8259).
 * @throws HttpError 413 past `limit` bytes; 400 when it is not UTF-8, not JSON, or has keys that change prototypes
 */
export function readJson(source: Source | null, limit: number): unknown {
  const text = readText(source, limit);
  return text instanceof Promise ? text.then(parseJson) : parseJson(text);
}

/** Deeper than any data, and less than what code that calls itself for each level can take. */
const MAX_DEPTH = 1000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

// Keys may be written with escapes, so an escaped underscore or letter is looked at too.
const SUSPICIOUS = /__proto__|constructor|\\u00/i;

/**
 * Parses JSON from a client.
 * @throws HttpError 400 when it is not JSON, is nested more than 1,000 levels deep, or has a key `__proto__` or
 * `constructor.prototype`, which code that merges objects would take for the prototype
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const what = text === "" ? "The body is empty" : "The body cannot be read";
    throw new HttpError(400, "invalid_json", `${what}: send JSON (RFC 8259).`);
  }
  // What is short has not as many brackets.
  if (text.length > 2 * MAX_DEPTH && isTooDeep(text)) {
    throw new HttpError(400, "json_too_deep", `JSON may be nested ${MAX_DEPTH} levels deep.`);
  }
  if (SUSPICIOUS.test(text)) refusePrototypeKeys(value);
  return value;
}

/** @param text that is JSON */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isString) {
      if (code === QUOTE) isString = false;
      else if (code === BACKSLASH) i++;
    } else if (code === QUOTE) isString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

function refusePrototypeKeys(root: unknown): void {
  const open: unknown[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== "object" || value === null) continue;
    if (Object.hasOwn(value, "__proto__") || changesConstructor(value)) {
      const message = 'The keys "__proto__" and "constructor.prototype" are not allowed.';
      throw new HttpError(400, "forbidden_key", message);
    }
    // Null ends nothing, undefined would end the loop; JSON has none.
    for (const inner of Object.values(value)) open.push(inner);
  }
}

function changesConstructor(value: object): boolean {
  if (!Object.hasOwn(value, "constructor")) return false;
  const inner = (value as { constructor: unknown }).constructor;
  return typeof inner === "object" && inner !== null && Object.hasOwn(inner, "prototype");
}
