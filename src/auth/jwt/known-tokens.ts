/** So many tokens are remembered; then those that were checked first go. */
const MAX_TOKENS = 1_000;

interface KnownToken<T> {
  readonly payload: T;
  /** Milliseconds since 1970. */
  readonly goodUntil: number;
}

/** Tokens whose signature was found right a moment ago, and what is kept of their payload. */
export class KnownTokens<T> {
  readonly #tokens = new Map<string, KnownToken<T>>();

  /** @returns the payload, or undefined when the token must be checked */
  get(token: string, now: number): T | undefined {
    const known = this.#tokens.get(token);
    if (known === undefined) return undefined;
    if (now < known.goodUntil) return known.payload;
    this.#tokens.delete(token);
    return undefined;
  }

  add(token: string, payload: T, goodUntil: number): void {
    if (this.#tokens.size >= MAX_TOKENS) {
      const oldest = this.#tokens.keys().next();
      if (oldest.done !== true) this.#tokens.delete(oldest.value);
    }
    this.#tokens.set(token, { payload, goodUntil });
  }
}
