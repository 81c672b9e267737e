import { parseDuration } from "../../internal/parse-duration.ts";
import { jose } from "./jose.ts";
import type { JwtPrivateKey, JwtSecret, PreparedKey } from "./jwt-key.ts";
import { prepareKey } from "./jwt-key.ts";

/** With what, and for how long, a token is made. */
export interface JwtIssueOptions {
  /** The key that signs; its `kid` is put into the token. Keep the object: it is read once. */
  readonly key: JwtSecret | JwtPrivateKey;
  /** How long it is good, such as `"15m"`. Default `"15m"`: it cannot be taken back before. */
  readonly expiresIn?: number | string;
  /** From when on it is good, counted from now. Default at once. */
  readonly notBefore?: number | string;
  readonly issuer?: string;
  readonly audience?: string | readonly string[];
  readonly subject?: string;
  /** Default a random one. */
  readonly jwtId?: string;
  /** The `typ` of its header. Default `JWT`. */
  readonly type?: string;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

const prepared = new WeakMap<object, PreparedKey>();

/**
 * Makes a signed token (RFC 7519) of claims, with `iat`, `exp` and `jti`. It can be read by whoever has it:
 * put no secrets in.
 *
 * @throws TypeError on a key that cannot sign, that is no longer good, or on claims that JSON cannot hold;
 * RangeError on a duration that is none
 * @example
 * const key = { secret: process.env.JWT_SECRET ?? "" };
 * const token = await issueJwt({ roles: ["admin"] }, { key, subject: "42", expiresIn: "1h" });
 */
export async function issueJwt(
  claims: Readonly<Record<string, unknown>>,
  options: JwtIssueOptions,
): Promise<string> {
  const { key, issuer, audience, subject, type = "JWT", now = Date.now } = options;
  const signing = preparedKey(key);
  if (now() >= signing.endsAt)
    throw new TypeError("jwt: the key's validUntil is over: sign with another");
  const algorithm = signing.algorithms[0] as (typeof signing.algorithms)[number];
  const issuedAt = Math.floor(now() / 1000);
  const later = (duration: number | string) =>
    issuedAt + Math.round(parseDuration(duration) / 1000);
  const { SignJWT } = await jose();
  const token = new SignJWT({ ...claims })
    .setProtectedHeader({
      alg: algorithm,
      typ: type,
      ...(key.kid !== undefined && { kid: key.kid }),
    })
    .setIssuedAt(issuedAt)
    .setExpirationTime(later(options.expiresIn ?? "15m"))
    .setJti(options.jwtId ?? crypto.randomUUID());
  if (options.notBefore !== undefined) token.setNotBefore(later(options.notBefore));
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) {
    token.setAudience(typeof audience === "string" ? audience : [...audience]);
  }
  if (subject !== undefined) token.setSubject(subject);
  return await token.sign(await signing.use(algorithm));
}

function preparedKey(key: JwtSecret | JwtPrivateKey): PreparedKey {
  const known = prepared.get(key);
  if (known !== undefined) return known;
  if (!("secret" in key) && !("privateKey" in key)) {
    throw new TypeError("jwt: a key that signs has a secret or a privateKey");
  }
  const made = prepareKey(key);
  prepared.set(key, made);
  return made;
}
