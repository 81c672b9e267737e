import type { PasswordCost } from "../../runtime/password-hash.ts";
import { platform } from "../../runtime/platform.ts";
import { parsePasswordHash } from "./password-hash.ts";

/** What a hash costs to make, and so to guess. */
export interface PasswordOptions {
  /** KiB of memory, 8 to 4,194,304. Default 19,456 (19 MiB), as OWASP recommends with two passes. */
  memory?: number;
  /** Passes over the memory, 1 to 100. Default 2. */
  passes?: number;
}

/** Longer ones make work for nothing. */
const MAX_PASSWORD_BYTES = 4096;
const encoder = new TextEncoder();
/** A hash of what nobody has. */
let decoy: Promise<string> | undefined;

/**
 * Password hashes: Argon2id (RFC 9106) in the PHC string format, one lane, salted. Passwords are taken in
 * Unicode's form NFC (RFC 8265 4.2), so that it does not matter which keyboard wrote an "é".
 *
 * It runs on Bun, and on Node 24.7 or later; elsewhere it rejects and says so. bcrypt hashes are read on Bun.
 * @example
 * const hash = await password.hash("correct horse"); // "$argon2id$v=19$m=19456,t=2,p=1$…"
 * if (await password.verify(given, user?.hash)) {
 *   if (password.needsRehash(user.hash)) user.hash = await password.hash(given);
 * }
 */
export const password = {
  /** @throws TypeError on an empty password, RangeError on one longer than 4,096 bytes or a cost that cannot be */
  async hash(plain: string, options: PasswordOptions = {}): Promise<string> {
    const cost = costOf(options);
    const prepared = plain.normalize("NFC");
    if (prepared === "") throw new TypeError("a password may not be empty");
    if (isTooLong(prepared)) {
      throw new RangeError(`a password may have ${MAX_PASSWORD_BYTES} bytes`);
    }
    return await (await platform()).passwords.hash(prepared, cost);
  },

  /**
   * Whether a password is the one of a hash, Argon2 or bcrypt, compared in constant time.
   * @param hash undefined for a user there is none of: it takes the time of a real one of the default cost
   * and is false, so that nobody learns who has an account
   * @throws TypeError when the hash is broken or of another kind
   */
  async verify(plain: string, hash: string | undefined): Promise<boolean> {
    if (hash !== undefined && parsePasswordHash(hash) === undefined) {
      throw new TypeError("this is no Argon2 or bcrypt hash; the hash itself is not shown");
    }
    const prepared = plain.normalize("NFC");
    if (prepared === "" || isTooLong(prepared)) return false;
    const { passwords } = await platform();
    if (hash !== undefined) return await passwords.verify(prepared, hash);
    decoy ??= passwords.hash(crypto.randomUUID(), costOf({}));
    try {
      await passwords.verify(prepared, await decoy);
    } catch (failure) {
      decoy = undefined;
      throw failure;
    }
    return false;
  },

  /** Whether a hash is weaker than one made now would be: of another kind, or cheaper. */
  needsRehash(hash: string, options: PasswordOptions = {}): boolean {
    const { memory, passes } = costOf(options);
    const known = parsePasswordHash(hash);
    if (known?.kind !== "argon2" || known.variant !== "id") return true;
    return known.memory < memory || known.passes < passes;
  },
};

function isTooLong(text: string): boolean {
  return text.length > MAX_PASSWORD_BYTES || encoder.encode(text).byteLength > MAX_PASSWORD_BYTES;
}

/** @throws RangeError */
function costOf({ memory = 19_456, passes = 2 }: PasswordOptions): PasswordCost {
  if (!Number.isInteger(memory) || memory < 8 || memory > 4_194_304) {
    throw new RangeError(`memory is 8 to 4194304 KiB, not ${memory}`);
  }
  if (!Number.isInteger(passes) || passes < 1 || passes > 100) {
    throw new RangeError(`passes are 1 to 100, not ${passes}`);
  }
  return { memory, passes };
}
