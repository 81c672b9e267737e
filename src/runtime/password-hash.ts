/** What Argon2id costs. */
export interface PasswordCost {
  /** KiB of memory. */
  readonly memory: number;
  /** Passes over it. */
  readonly passes: number;
}

/** Password hashes of the kinds a runtime knows. Work is done off the main thread. */
export interface PasswordHashes {
  /** Argon2id in the PHC string format, with one lane. Rejects where the runtime has none. */
  hash(password: string, cost: PasswordCost): Promise<string>;
  /** Whether {@link verify} can read a hash that is well formed. */
  canVerify(kind: "argon2" | "bcrypt"): boolean;
  /** Compares in constant time. Rejects when the hash cannot be read here. */
  verify(password: string, hash: string): Promise<boolean>;
}
