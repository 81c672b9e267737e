import { isIP } from "node:net";

/** Who knows the addresses of names. */
export interface Resolver {
  /**
   * @param family 4 or 6 for those of one kind alone; both if left out
   * @throws an error with a `code` such as ENOTFOUND
   */
  lookup(host: string, family?: 4 | 6): Promise<readonly string[]>;
  /** How many milliseconds its addresses hold. @throws when that is not known */
  timeToLive(host: string, addresses: readonly string[]): Promise<number>;
}

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
/** For names that are not from DNS (`/etc/hosts`), and until DNS has said. */
const UNKNOWN_TTL_MS = 10_000;
/** How long addresses are used beyond their time when the name cannot be asked for. */
const STALE_MS = 10 * 60_000;
const MAX_ENTRIES = 10_000;
/**
 * How long both kinds of addresses are waited for. A server that says nothing of one (often AAAA) holds up the whole
 * lookup for as long as the system is patient.
 */
const BOTH_MS = 250;

/** The addresses of names, as long as they hold. */
export class Names {
  readonly #entries = new Map<string, Entry>();
  readonly #resolver: Resolver;
  readonly #bothMs: number;

  constructor(resolver: Resolver, bothMs = BOTH_MS) {
    this.#resolver = resolver;
    this.#bothMs = bothMs;
  }

  /**
   * The addresses of a host, as of now: an IP address is itself, a name is asked for when its time to live is over.
   * While the name cannot be asked for, the last answer goes on.
   * @throws an error with a `code` such as ENOTFOUND
   */
  addressesOf(host: string): readonly string[] | Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host];
    const entry = this.#entries.get(host);
    const now = performance.now();
    if (entry !== undefined && now < entry.until) return entry.addresses;
    if (entry?.pending !== undefined) return entry.pending;
    const next: Entry = entry ?? { addresses: [], until: 0, pending: undefined };
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    this.#entries.set(host, next);
    next.pending = this.#ask(host, next)
      .catch((error: unknown) => {
        if (next.addresses.length > 0 && now - next.until < STALE_MS) return next.addresses;
        this.#entries.delete(host);
        throw error;
      })
      .finally(() => {
        next.pending = undefined;
      });
    return next.pending;
  }

  async #ask(host: string, entry: Entry): Promise<readonly string[]> {
    entry.addresses = unique(await this.#lookup(host, entry));
    const { addresses } = entry;
    entry.until = performance.now() + UNKNOWN_TTL_MS;
    // What is known can be used before it is known for how long.
    void this.#resolver.timeToLive(host, addresses).then(
      (ttlMs) => {
        const lastsMs = Math.min(Math.max(ttlMs, MIN_TTL_MS), MAX_TTL_MS);
        entry.until = performance.now() + lastsMs;
      },
      () => {},
    );
    return addresses;
  }

  /** Both kinds of addresses; those of one kind when the other cannot be had, or not soon. */
  async #lookup(host: string, entry: Entry): Promise<readonly string[]> {
    const both = this.#resolver.lookup(host);
    try {
      const found = await within(this.#bothMs, both);
      if (found !== undefined) return found;
    } catch (error) {
      // There is no such name: that is known of both.
      if (isUnknown(error)) throw error;
      return this.#oneKind(host);
    }
    const late = both.then((found) => {
      // The rest of them, for those who ask by then.
      entry.addresses = unique(found);
      return found;
    });
    return Promise.any([late, this.#oneKind(host)]).catch((errors: AggregateError) => {
      throw errors.errors[0];
    });
  }

  /** @throws what the system says of both, not of the kind that there may be none of */
  async #oneKind(host: string): Promise<readonly string[]> {
    const kinds = [this.#resolver.lookup(host, 4), this.#resolver.lookup(host, 6)];
    return Promise.any(kinds).catch(({ errors }: AggregateError) => {
      throw errors.find((error) => !isUnknown(error)) ?? errors[0];
    });
  }
}

function isUnknown(error: unknown): boolean {
  return /ENOTFOUND|ENODATA/.test(String((error as { code?: unknown }).code));
}

function unique(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses)];
}

/** @returns undefined when it takes longer */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
