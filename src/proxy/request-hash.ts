import type { Context } from "../core/context.ts";
import { hashKey } from "../upstream/balance/hash-key.ts";
import { keyReader } from "../upstream/balance/key-reader.ts";
import type { Upstream } from "../upstream/upstream.ts";

/**
 * What keeps a request with its backend, as a number; undefined where the strategy asks for none.
 * @throws TypeError when `hashBy` is none of `path`, `header:NAME`, `cookie:NAME`, `query:NAME`
 */
export function requestHash({ strategy, hashBy }: Upstream): ((c: Context) => number) | undefined {
  if (strategy === "ip_hash") return (c) => hashKey(c.ip);
  if (strategy !== "hash") return undefined;
  const read = keyReader(hashBy);
  // Who brings no key is kept by address.
  return (c) => hashKey(read(c.path, c.exchange.query, c.requestHeaders) ?? c.ip);
}
