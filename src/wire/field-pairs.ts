import type { HeaderList } from "../http/header-list.ts";

/** Fields of HTTP/1.1 that say how a message is framed: no part of an HTTP/2 or HTTP/3 message. */
const CONNECTION_FIELDS = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "content-length",
]);

/** `[name, value, …]` in lower case, without what belongs to a connection. */
export function fieldPairs(headers: HeaderList): string[] {
  const pairs: string[] = [];
  const flat = headers.flat;
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    if (!CONNECTION_FIELDS.has(name)) pairs.push(name, flat[i + 1] as string);
  }
  return pairs;
}
