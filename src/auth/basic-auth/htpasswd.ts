import { platform } from "../../runtime/platform.ts";
import { password as passwords } from "../password/password.ts";
import { parsePasswordHash } from "../password/password-hash.ts";
import { digest, equalDigests } from "../timing-safe-equal/digest.ts";
import { MAX_ROUNDS, parseShaCrypt, verifyShaCrypt } from "./sha-crypt.ts";

type Verify = (password: string) => Promise<boolean>;

interface Entry {
  readonly hash: string;
  readonly verify: Verify;
  /** Digest of the password that was right last: it need not be hashed at each request. */
  known: Uint8Array | undefined;
}

/** Hashing takes longer the longer a password is, and anybody may send one. */
const MAX_PASSWORD_LENGTH = 1024;

/**
 * Users of a file as Apache's `htpasswd` writes it: `name:hash` on each line. Hashes are bcrypt
 * (`htpasswd -B`), Argon2, SHA-crypt (`-2`, `-5`) or `{SHA}`, which is there for old files only.
 */
export class Htpasswd {
  readonly #entries = new Map<string, Entry>();
  #checked: Promise<void> | undefined;

  /** @throws TypeError that names every line which cannot be used, and why; hashes are not told */
  constructor(text: string) {
    const problems: string[] = [];
    for (const [index, raw] of text.split(/\r?\n/).entries()) {
      const line = raw.trim();
      if (line === "" || line.startsWith("#")) continue;
      const problem = this.#add(line);
      if (problem !== undefined) problems.push(`line ${index + 1}: ${problem}`);
    }
    if (problems.length > 0) throw new TypeError(`htpasswd: ${problems.join("; ")}`);
    if (this.#entries.size === 0) throw new TypeError("htpasswd: it names no user");
  }

  /** Whether this is the password of this user. An unknown user takes the time of one that is known. */
  async verify(username: string, password: string): Promise<boolean> {
    await (this.#checked ??= this.#checkRuntime());
    if (password.length > MAX_PASSWORD_LENGTH) return false;
    const entry = this.#entries.get(username);
    if (entry === undefined) {
      const [stranger] = this.#entries.values();
      await (stranger as Entry).verify(password);
      return false;
    }
    const given = await digest(password);
    if (entry.known !== undefined && equalDigests(entry.known, given)) return true;
    if (!(await entry.verify(password))) return false;
    entry.known = given;
    return true;
  }

  #add(line: string): string | undefined {
    const colon = line.indexOf(":");
    if (colon < 1) return "it is not name:hash";
    const username = line.slice(0, colon).normalize("NFC");
    const hash = line.slice(colon + 1);
    if (this.#entries.has(username)) return `user ${JSON.stringify(username)} stands there twice`;
    const verify = verifierOf(hash);
    if (typeof verify === "string") return verify;
    this.#entries.set(username, { hash, verify, known: undefined });
    return undefined;
  }

  /** @throws Error when a hash cannot be read on this runtime */
  async #checkRuntime(): Promise<void> {
    const able = (await platform()).passwords;
    for (const [username, { hash }] of this.#entries) {
      const kind = parsePasswordHash(hash)?.kind;
      if (kind === undefined || able.canVerify(kind)) continue;
      const whose = `the ${kind} hash of ${JSON.stringify(username)}`;
      throw new Error(`htpasswd: run on Bun, this runtime cannot read ${whose}`);
    }
  }
}

/** How to compare with a hash, or why that cannot be. */
function verifierOf(hash: string): Verify | string {
  if (parsePasswordHash(hash) !== undefined) return (given) => passwords.verify(given, hash);
  if (/^\$[56]\$/.test(hash)) {
    const crypt = parseShaCrypt(hash);
    if (crypt === undefined) return "its SHA-crypt hash is broken";
    if (crypt.rounds > MAX_ROUNDS) return `more than ${MAX_ROUNDS} rounds would take too long`;
    return (given) => verifyShaCrypt(given, crypt);
  }
  if (hash.startsWith("{SHA}")) {
    const sum = hash.slice(5);
    return /^[A-Za-z0-9+/]{27}=$/.test(sum)
      ? (given) => verifySha1(given, sum)
      : "its {SHA} hash is broken";
  }
  const anew = "make it anew with htpasswd -B";
  // What htpasswd and openssl passwd write unless they are told otherwise.
  if (/^\$(?:apr1|1)\$/.test(hash))
    return `its hash is of MD5, which is not safe any more: ${anew}`;
  return `its hash is of no kind that is safe or known: ${anew}`;
}

async function verifySha1(password: string, expected: string): Promise<boolean> {
  const sum = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(password));
  const text = btoa(String.fromCharCode(...new Uint8Array(sum)));
  return equalDigests(await digest(text), await digest(expected));
}
