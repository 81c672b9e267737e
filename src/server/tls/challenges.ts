/** Answers to ACME HTTP-01 challenges (RFC 8555 8.3), asked for on the plain-HTTP listener. */
export interface ChallengeStore {
  /** The key authorization to answer for `token`, or undefined. */
  get(token: string): string | undefined;
  set(token: string, keyAuthorization: string): void;
  delete(token: string): void;
}

/** A {@link ChallengeStore} for one process. */
export class MemoryChallengeStore implements ChallengeStore {
  readonly #answers = new Map<string, string>();

  get(token: string): string | undefined {
    return this.#answers.get(token);
  }

  /** @throws RangeError unless the token is one RFC 8555 8.3 allows: base64url without padding */
  set(token: string, keyAuthorization: string): void {
    if (!/^[\w-]{1,256}$/.test(token)) {
      throw new RangeError(`${JSON.stringify(token)} is no ACME token: it must be base64url`);
    }
    this.#answers.set(token, keyAuthorization);
  }

  delete(token: string): void {
    this.#answers.delete(token);
  }
}
