import { parseDuration } from "../../internal/parse-duration.ts";
import type { JwtAlgorithm } from "./algorithm.ts";
import { fetchKeySet } from "./fetch-key-set.ts";
import type { PreparedKey } from "./jwt-key.ts";
import { prepareKey } from "./jwt-key.ts";
import type { KeySource } from "./key-set.ts";
import { KeysUnavailable, selectKeys } from "./key-set.ts";

/** A key set that somebody else keeps at an address (RFC 7517 5). */
export interface JwksOptions {
  /** `https:`; plain `http:` to this machine only. */
  readonly url: string;
  /** After this long they are fetched anew. Default `"10m"`. */
  readonly maxAge?: number | string;
  /** While they cannot be fetched, those that are known are good for this long. Default `"1d"`. */
  readonly maxStale?: number | string;
  /** From one fetch to the next at least, however many unknown keys are named. Default `"30s"`. */
  readonly cooldown?: number | string;
  /** For one fetch in all. Default `"5s"`. */
  readonly timeout?: number | string;
  /** For tests, and for proxies. Default the platform's `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** More are not looked at. */
const MAX_KEYS = 100;

/**
 * Keys from an address, kept. There is one fetch at a time; a `kid` that is not known makes one before its
 * time, since keys are rotated so, but not more often than the cooldown allows.
 */
export class RemoteKeys implements KeySource {
  readonly #url: string;
  readonly #fetch: NonNullable<JwksOptions["fetch"]>;
  readonly #maxAge: number;
  readonly #maxStale: number;
  readonly #cooldown: number;
  readonly #timeout: number;
  readonly #listed: readonly JwtAlgorithm[] | undefined;
  readonly #now: () => number;
  #keys: readonly PreparedKey[] | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #pending: Promise<void> | undefined;

  /** @throws TypeError on an address that is not safe; RangeError on a duration that is none */
  constructor(
    options: JwksOptions,
    listed: readonly JwtAlgorithm[] | undefined,
    now: () => number,
  ) {
    checkAddress(options.url);
    this.#url = options.url;
    this.#fetch = options.fetch ?? fetch;
    this.#maxAge = parseDuration(options.maxAge ?? "10m");
    this.#maxStale = parseDuration(options.maxStale ?? "1d");
    this.#cooldown = parseDuration(options.cooldown ?? "30s");
    this.#timeout = parseDuration(options.timeout ?? "5s");
    this.#listed = listed;
    this.#now = now;
  }

  async find(algorithm: JwtAlgorithm, kid: string | undefined): Promise<readonly PreparedKey[]> {
    if (this.#now() - this.#fetchedAt >= this.#maxAge) await this.#refresh();
    const found = selectKeys(this.#usable(), algorithm, kid, this.#now());
    if (found.length > 0 || kid === undefined) return found;
    await this.#refresh();
    return selectKeys(this.#usable(), algorithm, kid, this.#now());
  }

  /** @throws KeysUnavailable */
  #usable(): readonly PreparedKey[] {
    const age = this.#now() - this.#fetchedAt;
    if (this.#keys !== undefined && age < Math.max(this.#maxAge, this.#maxStale)) return this.#keys;
    throw new KeysUnavailable(`the keys at ${this.#url} cannot be had`, { cause: this.#failure });
  }

  /** Fetches once, unless that was done just now. A failure is kept, and what is known too. */
  #refresh(): Promise<void> {
    if (this.#pending !== undefined) return this.#pending;
    const now = this.#now();
    if (now - this.#triedAt < this.#cooldown) return Promise.resolve();
    this.#triedAt = now;
    this.#pending = this.#load().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #load(): Promise<void> {
    try {
      const set = await fetchKeySet(this.#fetch, this.#url, this.#timeout);
      const keys = set.slice(0, MAX_KEYS).map((jwk) => usableKey(jwk, this.#listed));
      this.#keys = (await Promise.all(keys)).filter((key) => key !== undefined);
      this.#fetchedAt = this.#now();
      this.#failure = undefined;
    } catch (failure) {
      this.#failure = failure;
    }
  }
}

/** Key sets hold keys for other uses, of kinds that are not known here, or broken: those are passed over. */
async function usableKey(
  jwk: unknown,
  listed: readonly JwtAlgorithm[] | undefined,
): Promise<PreparedKey | undefined> {
  if (typeof jwk !== "object" || jwk === null) return undefined;
  const { kid, use, key_ops: operations } = jwk as Record<string, unknown>;
  if (use !== undefined && use !== "sig") return undefined;
  if (Array.isArray(operations) && !operations.includes("verify")) return undefined;
  // Its public members alone, so that a private key that was published by mistake is a public one here.
  const { kty, alg, n, e, crv, x, y } = jwk as Record<string, unknown>;
  const members = Object.entries({ kty, alg, n, e, crv, x, y });
  const publicKey = Object.fromEntries(
    members.filter(([, value]) => typeof value === "string"),
  ) as JsonWebKey;
  try {
    const key = prepareKey({ publicKey, ...(typeof kid === "string" && { kid }) }, listed);
    await Promise.all(key.algorithms.map((algorithm) => key.use(algorithm)));
    return key;
  } catch {
    return undefined;
  }
}

/** @throws TypeError */
function checkAddress(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:") return;
  // Whoever can change the keys on their way can sign tokens.
  const isLocal = url !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (isLocal && url.protocol === "http:") return;
  throw new TypeError(`jwt: jwks url ${JSON.stringify(text)}: use an https: address`);
}
