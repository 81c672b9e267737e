import type { Context } from "../../core/context.ts";
import { parseCookies } from "../../http/cookie.ts";
import { TOKEN } from "../../http/header-list.ts";
import { toBase64Url } from "../../internal/base64url.ts";
import { parseDuration } from "../../internal/parse-duration.ts";

/** How long it is remembered who was let in. Refusals are never kept. */
export interface ForwardAuthCache {
  /** Milliseconds, or a text such as `"30s"`. */
  readonly ttl: number | string;
  /** What a client is known by: `cookie:NAME` or `header:NAME`. Requests with none of these are always asked for. */
  readonly by: readonly string[];
  /**
   * What an answer is good for, with the same credentials: `uri` (default) is the same method and whole address,
   * `path` leaves out the query, `host` is everything under the same host. Take `host` only where the service does
   * not look at addresses and methods.
   */
  readonly scope?: "uri" | "path" | "host";
  /** Beyond it the answer that was used longest ago is forgotten. Default 10,000. */
  readonly maxEntries?: number;
}

/** A request that was let in, and what it was given. */
export interface Passed {
  /** Names and values in turn. */
  readonly copied: readonly string[];
  readonly forClient: readonly string[];
  readonly user: string | undefined;
}

interface Entry {
  readonly passed: Passed;
  readonly until: number;
}

const KEY = /^(cookie|header):(.+)$/;

/** Whether a text is one of {@link ForwardAuthCache.by}. */
export function isCacheKey(text: string): boolean {
  return TOKEN.test(KEY.exec(text)?.[2] ?? "");
}

/** Requests that were let in, for a time. */
export class DecisionCache {
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  readonly #ttl: number;
  readonly #scope: "uri" | "path" | "host";
  readonly #most: number;
  readonly #parts: readonly (readonly [kind: string, name: string])[];
  readonly #now: () => number;

  /** @throws TypeError on a key that is none; RangeError on a time or number that cannot be */
  constructor(
    { ttl, by, scope = "uri", maxEntries = 10_000 }: ForwardAuthCache,
    now: () => number,
  ) {
    const wrong = by.find((text) => !isCacheKey(text));
    if (wrong !== undefined || by.length === 0) {
      const given = wrong === undefined ? "nothing" : JSON.stringify(wrong);
      throw new TypeError(`forwardAuth: cache.by is ${given}: give "cookie:NAME" or "header:NAME"`);
    }
    if (!Number.isInteger(maxEntries) || maxEntries < 1) {
      throw new RangeError(`forwardAuth: cache.maxEntries is 1 or more, not ${maxEntries}`);
    }
    this.#ttl = parseDuration(ttl);
    this.#scope = scope;
    this.#most = maxEntries;
    this.#parts = by.map((text) => {
      const [, kind = "", name = ""] = KEY.exec(text) ?? [];
      return [kind, name];
    });
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Under which a request is kept; undefined for one without credentials. */
  async keyOf(c: Context): Promise<string | undefined> {
    const { headers } = c.exchange;
    const cookies = parseCookies(headers.joined("cookie") ?? "");
    // All of one name: which of them counts is the service's to say.
    const values = this.#parts.map(([kind, wanted]) =>
      kind === "header"
        ? headers.getAll(wanted)
        : cookies.filter(([name]) => name === wanted).map(([, value]) => value),
    );
    if (values.every((list) => list.length === 0)) return undefined;
    const { method, path, query } = c.exchange;
    const place =
      this.#scope === "host"
        ? []
        : [method, path, this.#scope === "uri" ? query : "", c.exchange.upgradeProtocol ?? ""];
    // Of one length, whatever is sent; and no cookie stays in memory.
    const text = JSON.stringify([values, c.scheme, c.host, ...place]);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return toBase64Url(new Uint8Array(digest));
  }

  get(key: string): Passed | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.until <= this.#now()) return undefined;
    this.#entries.set(key, entry);
    return entry.passed;
  }

  set(key: string, passed: Passed): void {
    this.#entries.delete(key);
    this.#entries.set(key, { passed, until: this.#now() + this.#ttl });
    if (this.#entries.size <= this.#most) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest as string);
  }
}
