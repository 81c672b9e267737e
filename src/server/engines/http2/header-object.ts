import type { OutgoingHttpHeaders } from "node:http2";

/** `[name, value, …]` as the runtime's HTTP/2 wants it; what is repeated becomes a list. */
export function headerObject(pairs: readonly string[]): OutgoingHttpHeaders {
  const object: OutgoingHttpHeaders = {};
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] as string;
    const value = pairs[i + 1] as string;
    const before = object[name];
    if (before === undefined) object[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else object[name] = [String(before), value];
  }
  return object;
}
