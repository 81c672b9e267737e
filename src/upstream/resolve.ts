import { lookup, resolve4, resolve6 } from "node:dns/promises";
import { isIP } from "node:net";
import { Names } from "./names.ts";

const names = new Names({
  // What the system knows: `/etc/hosts` and all it is configured for, in its order.
  async lookup(host, family) {
    const found = await lookup(host, { all: true, order: "verbatim", family: family ?? 0 });
    return found.map(({ address }) => address);
  },
  async timeToLive(host, addresses) {
    const isLocal = host === "localhost" || host.endsWith(".localhost");
    if (isLocal) throw new Error("DNS does not know it");
    const isV4 = addresses.some((address) => isIP(address) === 4);
    const records = await (isV4 ? resolve4 : resolve6)(host, { ttl: true });
    return Math.min(...records.map((record) => record.ttl)) * 1000;
  },
});

/**
 * The addresses of a host, as of now: see {@link Names}.
 * @throws an error with a `code` such as ENOTFOUND
 */
export function addressesOf(host: string): readonly string[] | Promise<readonly string[]> {
  return names.addressesOf(host);
}
