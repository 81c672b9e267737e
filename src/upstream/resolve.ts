import { resolve4, resolve6 } from "node:dns/promises";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/** Addresses of a name, and until when they hold. */
interface Entry {
  addresses: readonly string[];
  /** Milliseconds of `performance.now()`. */
  until: number;
  pending: Promise<readonly string[]> | undefined;
}

/** What DNS says less than this is not asked for again at once. */
const MIN_TTL_MS = 1_000;
const MAX_TTL_MS = 5 * 60_000;
/** For names that are not from DNS (`/etc/hosts`) and have no time to live. */
const LOCAL_TTL_MS = 10_000;
/** How long addresses are used beyond their time when the name cannot be asked for. */
const STALE_MS = 10 * 60_000;
const MAX_ENTRIES = 10_000;

const entries = new Map<string, Entry>();

/**
 * The addresses of a host, as of now: an IP address is itself, a name is asked for when its time to live is over.
 * While the name cannot be asked for, the last answer goes on.
 * @throws an error with a `code` such as ENOTFOUND
 */
export function addressesOf(host: string): readonly string[] | Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const entry = entries.get(host);
  const now = performance.now();
  if (entry !== undefined && now < entry.until) return entry.addresses;
  if (entry?.pending !== undefined) return entry.pending;
  const next: Entry = entry ?? { addresses: [], until: 0, pending: undefined };
  if (entries.size >= MAX_ENTRIES) entries.clear();
  entries.set(host, next);
  next.pending = ask(host)
    .then(({ addresses, ttlMs }) => {
      next.addresses = addresses;
      next.until = performance.now() + ttlMs;
      return addresses;
    })
    .catch((error: unknown) => {
      if (next.addresses.length > 0 && now - next.until < STALE_MS) return next.addresses;
      entries.delete(host);
      throw error;
    })
    .finally(() => {
      next.pending = undefined;
    });
  return next.pending;
}

/** First what the system knows (`/etc/hosts` and all it is configured for), then the time to live from DNS. */
async function ask(host: string): Promise<{ addresses: string[]; ttlMs: number }> {
  const found = await lookup(host, { all: true, order: "verbatim" });
  const addresses = [...new Set(found.map(({ address }) => address))];
  return { addresses, ttlMs: await timeToLive(host, addresses) };
}

async function timeToLive(host: string, addresses: readonly string[]): Promise<number> {
  if (host === "localhost" || host.endsWith(".localhost")) return LOCAL_TTL_MS;
  const isV4 = addresses.some((address) => isIP(address) === 4);
  try {
    const records = await (isV4 ? resolve4 : resolve6)(host, { ttl: true });
    const ttl = Math.min(...records.map((record) => record.ttl));
    return Math.min(Math.max(ttl * 1000, MIN_TTL_MS), MAX_TTL_MS);
  } catch {
    return LOCAL_TTL_MS;
  }
}
