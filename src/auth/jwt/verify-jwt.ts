import type { JWTPayload, JWTVerifyOptions } from "jose";
import type { OutputOf, Schema, SchemaResult } from "../../core/spec/standard-schema.ts";
import { freezeDeep } from "../../internal/freeze-deep.ts";
import { parseDuration } from "../../internal/parse-duration.ts";
import type { JwtAlgorithm } from "./algorithm.ts";
import { isAlgorithm } from "./algorithm.ts";
import { jose } from "./jose.ts";
import type { JwtPublicKey, JwtSecret } from "./jwt-key.ts";
import { prepareKey } from "./jwt-key.ts";
import type { KeySource } from "./key-set.ts";
import { StaticKeys } from "./key-set.ts";
import { KnownTokens } from "./known-tokens.ts";
import type { JwksOptions } from "./remote-keys.ts";
import { RemoteKeys } from "./remote-keys.ts";

/** What a token says (RFC 7519 4). */
export interface JwtClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  /** Seconds since 1970, as `nbf` and `iat`. */
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
  readonly [name: string]: unknown;
}

// oxlint-disable-next-line no-explicit-any
export type ClaimsSchema = Schema<any, any>;

/** With what, and for what, tokens are checked. */
export interface JwtVerifyOptions<S extends ClaimsSchema | undefined = undefined> {
  /** One key or several: to rotate, put the new one beside the old and give the old one a `validUntil`. */
  readonly keys?: JwtSecret | JwtPublicKey | readonly (JwtSecret | JwtPublicKey)[];
  /** Keys that an issuer publishes. */
  readonly jwks?: JwksOptions;
  /** The only ones that are taken; if left out, those that follow from each key. */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** Who must have issued it. Give it wherever a key signs for more than one. */
  readonly issuer?: string | readonly string[];
  /** For whom it must be; one of several is enough. Give it wherever one issuer serves more than one. */
  readonly audience?: string | readonly string[];
  /** The `typ` it must have, such as `"at+jwt"` (RFC 8725 3.11). */
  readonly type?: string;
  /** How far clocks may differ, such as `"30s"`. Default none. */
  readonly leeway?: number | string;
  /** How long ago it may have been issued, whatever its `exp` says. */
  readonly maxAge?: number | string;
  /** False takes tokens without `exp`, which are good forever. Default true. */
  readonly requireExpiry?: boolean;
  /** What the claims must be, by any Standard Schema; its output is what is handed on. */
  readonly claims?: S;
  /**
   * For how long the signature of a token that was found right is not computed again, such as `"60s"`, the default;
   * its times and claims are looked at every time. 0 = never. A key that an issuer takes back is believed so much longer.
   */
  readonly cache?: number | string;
  /** Longer tokens are refused unread. Default 8,192 characters. */
  readonly maxLength?: number;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/** What {@link jwtVerifier} gives. */
export type ClaimsOf<S> = S extends ClaimsSchema ? OutputOf<S> : JwtClaims;

/** A token that is no good; the message is for its sender. */
export class JwtRefused extends Error {
  /** It was good once. */
  readonly expired: boolean;

  constructor(message: string, options?: { cause?: unknown; expired?: boolean }) {
    super(message, options);
    this.name = "JwtRefused";
    this.expired = options?.expired ?? false;
  }
}

/** Frozen claims, which all requests share; as text where a schema makes claims of its own of it each time. */
type KeptPayload = JWTPayload | string;

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Checks tokens: signature, times, issuer, audience, then the claims by their schema.
 *
 * The key decides the algorithm. What a token says of keys (`jwk`, `jku`, `x5c`, `x5u`) is not read, `none`
 * does not exist, and a `crit` header is refused (RFC 8725 3).
 *
 * @returns a function that rejects with {@link JwtRefused}, or with `KeysUnavailable` when the issuer's keys
 * cannot be had
 * @throws TypeError at start on keys, algorithms or limits that cannot be
 * @example
 * const verify = jwtVerifier({ keys: { secret: process.env.JWT_SECRET ?? "" }, issuer: "https://example.com" });
 * const { sub } = await verify(token);
 */
export function jwtVerifier<const S extends ClaimsSchema | undefined = undefined>(
  options: JwtVerifyOptions<S>,
): (token: string) => Promise<ClaimsOf<S>> {
  const verifier = new JwtVerifier<S>(options);
  return async (token) => verifier.verify(token);
}

/** Checks tokens as {@link jwtVerifier} says. */
export class JwtVerifier<S extends ClaimsSchema | undefined> {
  readonly #schema: S | undefined;
  readonly #maxLength: number;
  readonly #now: () => number;
  readonly #keys: KeySource;
  readonly #rules: ReturnType<typeof claimRules>;
  readonly #cacheMs: number;
  readonly #known = new KnownTokens<KeptPayload>();

  /** @throws TypeError on keys, algorithms or limits that cannot be */
  constructor(options: JwtVerifyOptions<S>) {
    const { maxLength = 8192, now = Date.now, claims, cache = "60s" } = options;
    if (!Number.isSafeInteger(maxLength) || maxLength < 1) {
      throw new TypeError(`jwt: maxLength is a whole number from 1, not ${maxLength}`);
    }
    this.#maxLength = maxLength;
    this.#now = now;
    this.#schema = claims;
    this.#cacheMs = parseDuration(cache);
    this.#keys = keySource(options, now);
    this.#rules = claimRules(options);
  }

  /** @returns the claims, at once where the signature is known @throws JwtRefused, KeysUnavailable */
  verify(token: string): ClaimsOf<S> | Promise<ClaimsOf<S>> {
    const kept = this.#cacheMs === 0 ? undefined : this.#known.get(token, this.#now());
    if (kept === undefined) return this.#check(token);
    const payload = typeof kept === "string" ? (JSON.parse(kept) as JWTPayload) : kept;
    return readClaims(payload, this.#schema) as ClaimsOf<S> | Promise<ClaimsOf<S>>;
  }

  async #check(token: string): Promise<ClaimsOf<S>> {
    if (token.length > this.#maxLength) {
      throw new JwtRefused(`The token is longer than ${this.#maxLength} characters.`);
    }
    const { decodeProtectedHeader, errors, jwtVerify } = await jose();
    const { algorithm, kid } = readHeader(token, decodeProtectedHeader);
    const candidates = await this.#keys.find(algorithm, kid);
    if (candidates.length === 0) throw new JwtRefused("The token is of no key that is good here.");
    for (const candidate of candidates) {
      const key = await candidate.use(algorithm);
      const now = this.#now();
      try {
        const { payload } = await jwtVerify(token, key, {
          ...this.#rules,
          algorithms: [algorithm],
          currentDate: new Date(now),
        });
        // JSON can write a number that is none, such as 1e999: a time that never comes.
        if (payload.exp === Number.POSITIVE_INFINITY) {
          throw new JwtRefused("The token's exp is not as it must be.");
        }
        if (this.#schema === undefined) freezeDeep(payload);
        this.#remember(token, payload, Math.min(now + this.#cacheMs, candidate.endsAt));
        return (await readClaims(payload, this.#schema)) as ClaimsOf<S>;
      } catch (failure) {
        if (failure instanceof errors.JWSSignatureVerificationFailed) continue;
        throw refusalOf(failure, errors);
      }
    }
    throw new JwtRefused("The token's signature is wrong.");
  }

  /** @param until what the cache and the key allow, milliseconds since 1970 */
  #remember(token: string, payload: JWTPayload, until: number): void {
    if (this.#cacheMs === 0) return;
    const { clockTolerance, maxTokenAge = Number.POSITIVE_INFINITY } = this.#rules;
    const { exp = Number.POSITIVE_INFINITY, iat = Number.POSITIVE_INFINITY } = payload;
    const end = Math.min(exp, iat + maxTokenAge) + clockTolerance;
    const kept = this.#schema === undefined ? payload : JSON.stringify(payload);
    this.#known.add(token, kept, Math.min(until, end * 1000));
  }
}

/** @throws TypeError */
function keySource(
  { keys, jwks, algorithms }: JwtVerifyOptions<ClaimsSchema | undefined>,
  now: () => number,
): KeySource {
  for (const name of algorithms ?? []) {
    if (!isAlgorithm(name)) {
      throw new TypeError(`jwt: ${JSON.stringify(name)} is no algorithm for tokens`);
    }
  }
  if (algorithms?.length === 0) throw new TypeError("jwt: algorithms is empty");
  if ((keys === undefined) === (jwks === undefined)) {
    throw new TypeError("jwt: give either keys or jwks");
  }
  if (jwks !== undefined) return new RemoteKeys(jwks, algorithms, now);
  const list = (Array.isArray(keys) ? keys : [keys]) as readonly (JwtSecret | JwtPublicKey)[];
  if (list.length === 0) throw new TypeError("jwt: keys is empty");
  for (const key of list) {
    if ("secret" in key || "publicKey" in key) continue;
    throw new TypeError("jwt: a key that checks tokens has a secret or a publicKey");
  }
  return new StaticKeys(
    list.map((key) => prepareKey(key, algorithms)),
    now,
  );
}

function claimRules(options: JwtVerifyOptions<ClaimsSchema | undefined>): JWTVerifyOptions & {
  readonly clockTolerance: number;
  readonly maxTokenAge?: number;
} {
  const { issuer, audience, type, leeway, maxAge, requireExpiry = true } = options;
  const list = (value: string | readonly string[]) =>
    typeof value === "string" ? value : [...value];
  return {
    ...(issuer !== undefined && { issuer: list(issuer) }),
    ...(audience !== undefined && { audience: list(audience) }),
    ...(type !== undefined && { typ: type }),
    ...(maxAge !== undefined && { maxTokenAge: parseDuration(maxAge) / 1000 }),
    clockTolerance: parseDuration(leeway ?? 0) / 1000,
    requiredClaims: requireExpiry ? ["exp"] : [],
  };
}

/** @throws JwtRefused */
function readHeader(
  token: string,
  decode: (token: string) => object,
): { algorithm: JwtAlgorithm; kid: string | undefined } {
  if (!COMPACT.test(token)) throw new JwtRefused("The token is no signed JWT.");
  let header: Record<string, unknown>;
  try {
    header = decode(token) as Record<string, unknown>;
  } catch (cause) {
    throw new JwtRefused("The token's header cannot be read.", { cause });
  }
  const { alg, kid, crit } = header;
  // No extension is known here, so that whatever is critical is not understood (RFC 7515 4.1.11).
  if (crit !== undefined) throw new JwtRefused("The token needs an extension that is not known.");
  if (kid !== undefined && typeof kid !== "string") {
    throw new JwtRefused("The token's kid is no text.");
  }
  if (!isAlgorithm(alg)) throw new JwtRefused("The token's algorithm is not allowed.");
  return { algorithm: alg, kid };
}

/** @throws JwtRefused */
function readClaims(payload: JWTPayload, schema: ClaimsSchema | undefined): unknown {
  if (schema === undefined) return payload;
  const result = schema["~standard"].validate(payload);
  return result instanceof Promise ? result.then(claimsOf) : claimsOf(result);
}

/** @throws JwtRefused */
function claimsOf(result: SchemaResult<unknown>): unknown {
  if (result.issues === undefined) return result.value;
  throw new JwtRefused("The token's claims are not as they must be.", { cause: result.issues });
}

function refusalOf(cause: unknown, errors: typeof import("jose").errors): unknown {
  if (cause instanceof errors.JWTExpired) {
    return new JwtRefused("The token is expired.", { cause, expired: true });
  }
  if (cause instanceof errors.JWTClaimValidationFailed) {
    return new JwtRefused(`The token's ${cause.claim} is not as it must be.`, { cause });
  }
  if (cause instanceof errors.JOSEError) {
    return new JwtRefused("The token cannot be read.", { cause });
  }
  return cause;
}
