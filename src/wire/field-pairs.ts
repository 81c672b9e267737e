import type { HeaderList } from "../http/header-list.ts";

/** What describes a connection of HTTP/1.1 has no meaning on a stream (RFC 9113 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);

/** Whether a field makes a message of HTTP/2 or HTTP/3 malformed. @param name lower case */
export function isConnectionField(name: string): boolean {
  return CONNECTION_FIELDS.has(name);
}

/** `[name, value, …]` in lower case, without what belongs to a connection and without a length. */
export function fieldPairs(headers: HeaderList): string[] {
  const pairs: string[] = [];
  const flat = headers.flat;
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    if (!CONNECTION_FIELDS.has(name) && name !== "content-length")
      pairs.push(name, flat[i + 1] as string);
  }
  return pairs;
}
