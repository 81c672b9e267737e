import type { JwtAlgorithm } from "./algorithm.ts";
import type { PreparedKey } from "./jwt-key.ts";

/** Where keys for a token come from. */
export interface KeySource {
  /**
   * Keys that may have signed a token with this header; none when no key is meant for it.
   * @throws KeysUnavailable when that cannot be told now
   */
  find(algorithm: JwtAlgorithm, kid: string | undefined): Promise<readonly PreparedKey[]>;
}

/** No keys could be had, so that nothing can be said of a token. */
export class KeysUnavailable extends Error {}

/** A token without `kid` is tried with so many keys at most. */
const MAX_TRIED = 8;

/**
 * The keys for an algorithm and a `kid`. Keys that have none take any; a token that has none may be of any.
 * The algorithm is the key's, never the token's alone.
 */
export function selectKeys(
  keys: readonly PreparedKey[],
  algorithm: JwtAlgorithm,
  kid: string | undefined,
  now: number,
): readonly PreparedKey[] {
  const able = keys.filter(
    (key) =>
      key.algorithms.includes(algorithm) &&
      now < key.endsAt &&
      (kid === undefined || key.kid === undefined || key.kid === kid),
  );
  return able.slice(0, MAX_TRIED);
}

/** Keys that are known beforehand. */
export class StaticKeys implements KeySource {
  readonly #keys: readonly PreparedKey[];
  readonly #now: () => number;

  constructor(keys: readonly PreparedKey[], now: () => number) {
    this.#keys = keys;
    this.#now = now;
  }

  async find(algorithm: JwtAlgorithm, kid: string | undefined): Promise<readonly PreparedKey[]> {
    return selectKeys(this.#keys, algorithm, kid, this.#now());
  }
}
