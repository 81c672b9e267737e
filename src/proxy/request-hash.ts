import type { Context } from "../core/context.ts";
import { parseCookies } from "../http/cookie.ts";
import { hashKey } from "../upstream/balance/hash-key.ts";
import type { Upstream } from "../upstream/upstream.ts";

/**
 * What keeps a request with its backend, as a number; undefined where the strategy asks for none.
 * @throws TypeError when `hashBy` is none of `path`, `header:NAME`, `cookie:NAME`, `query:NAME`
 */
export function requestHash({ strategy, hashBy }: Upstream): ((c: Context) => number) | undefined {
  if (strategy === "ip_hash") return (c) => hashKey(c.ip);
  if (strategy !== "hash") return undefined;
  const [, kind, name = ""] = /^(path|header|cookie|query)(?::(.+))?$/.exec(hashBy ?? "path") ?? [];
  const read = readers[kind ?? ""]?.(name);
  if (read === undefined || (kind !== "path" && name === "")) {
    throw new TypeError(
      `hashBy must be path, header:NAME, cookie:NAME or query:NAME, not ${hashBy}`,
    );
  }
  // Who brings no key is kept by address.
  return (c) => hashKey(read(c) ?? c.ip);
}

const readers: Readonly<Record<string, (name: string) => (c: Context) => string | undefined>> = {
  path: () => (c) => c.path,
  header: (name) => (c) => c.requestHeaders.get(name) ?? undefined,
  cookie: (name) => (c) => {
    const field = c.requestHeaders.joined("cookie");
    return field === null ? undefined : parseCookies(field).find(([key]) => key === name)?.[1];
  },
  query: (name) => (c) => new URLSearchParams(c.exchange.query).get(name) ?? undefined,
};
