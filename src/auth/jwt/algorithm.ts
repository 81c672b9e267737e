/** Signature algorithms (RFC 7518 3.1, RFC 8037, RFC 9864). There is no `none`. */
export const ALGORITHMS = [
  "HS256",
  "HS384",
  "HS512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

export type JwtAlgorithm = (typeof ALGORITHMS)[number];

/** What a key is, which decides what it may sign with. */
export type KeyType = "secret" | "RSA" | "P-256" | "P-384" | "P-521" | "Ed25519";

/** What a key of a type can sign with; the first ones are meant where nothing else is said. */
const SUITABLE: Readonly<Record<KeyType, readonly JwtAlgorithm[]>> = {
  secret: ["HS256", "HS384", "HS512"],
  RSA: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  "P-256": ["ES256"],
  "P-384": ["ES384"],
  "P-521": ["ES512"],
  // Two names of one thing.
  Ed25519: ["EdDSA", "Ed25519"],
};

export function isAlgorithm(value: unknown): value is JwtAlgorithm {
  return (ALGORITHMS as readonly unknown[]).includes(value);
}

/**
 * The algorithms a key may be used with: those that are listed, as far as they suit its type; with no list,
 * those that follow from the type. An RSA key never checks an HMAC, whatever a token says (RFC 8725 3.1).
 */
export function algorithmsFor(
  type: KeyType,
  listed: readonly JwtAlgorithm[] | undefined,
): readonly JwtAlgorithm[] {
  const suitable = SUITABLE[type];
  if (listed !== undefined) return suitable.filter((name) => listed.includes(name));
  return type === "Ed25519" ? suitable : suitable.slice(0, 1);
}

/** Bytes a secret must have at least: as many as the digest (RFC 7518 3.2). */
export function minSecretBytes(algorithm: JwtAlgorithm): number {
  return algorithm === "HS512" ? 64 : algorithm === "HS384" ? 48 : 32;
}
