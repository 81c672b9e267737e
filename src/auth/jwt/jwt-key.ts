import type { Expiring } from "../credentials/valid-until.ts";
import { endOf } from "../credentials/valid-until.ts";
import type { JwtAlgorithm, KeyType } from "./algorithm.ts";
import { algorithmsFor, isAlgorithm, minSecretBytes } from "./algorithm.ts";
import { jose } from "./jose.ts";
import type { KeyHalf } from "./key-type.ts";
import { typeOfCryptoKey, typeOfJwk, typeOfPem } from "./key-type.ts";

interface KeyFacts extends Expiring {
  /** Tells keys apart: a token that names a key is checked with that one only. */
  readonly kid?: string;
  /** What it is used with; if left out, what follows from the key: HS256, RS256, ES256, ES384, ES512 or EdDSA. */
  readonly algorithm?: JwtAlgorithm;
}

/** A secret that both sides know, at least 32 bytes (48 for HS384, 64 for HS512): signs and verifies. */
export interface JwtSecret extends KeyFacts {
  readonly secret: string | Uint8Array;
}

/** A key that verifies. */
export interface JwtPublicKey extends KeyFacts {
  /** PEM (`-----BEGIN PUBLIC KEY-----`), a JWK or a `CryptoKey`. */
  readonly publicKey: string | JsonWebKey | CryptoKey;
}

/** A key that signs. */
export interface JwtPrivateKey extends KeyFacts {
  /** PEM (`-----BEGIN PRIVATE KEY-----`), a JWK or a `CryptoKey`. */
  readonly privateKey: string | JsonWebKey | CryptoKey;
}

/** A key as tokens are checked with it, or made. */
export interface PreparedKey {
  readonly kid: string | undefined;
  readonly algorithms: readonly JwtAlgorithm[];
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  /** Imported when it is first used, once for each algorithm. */
  use(algorithm: JwtAlgorithm): Promise<CryptoKey | Uint8Array>;
}

const encoder = new TextEncoder();

/**
 * Reads a key, and what it may be used with.
 * @param listed algorithms that are allowed; undefined for those that follow from the key
 * @throws TypeError saying what is wrong with it; no key is shown
 */
export function prepareKey(
  key: JwtSecret | JwtPublicKey | JwtPrivateKey,
  listed?: readonly JwtAlgorithm[],
): PreparedKey {
  if (key.algorithm !== undefined && !isAlgorithm(key.algorithm)) {
    throw new TypeError(`jwt: ${JSON.stringify(key.algorithm)} is no algorithm for tokens`);
  }
  const { type, load } = materialOf(key);
  const said = key.algorithm ?? algorithmOf(key);
  const own = said === undefined ? listed : [said];
  const suitable = algorithmsFor(type, own);
  const algorithms = suitable.filter((name) => listed?.includes(name) ?? true);
  if (algorithms.length === 0) {
    const asked = (own ?? []).join(", ");
    throw new TypeError(`jwt: a key of type ${type} cannot be used with ${asked || "anything"}`);
  }
  if ("secret" in key) checkSecret(key.secret, algorithms);
  const loaded = new Map<JwtAlgorithm, Promise<CryptoKey | Uint8Array>>();
  return {
    kid: key.kid,
    algorithms,
    endsAt: endOf(key),
    use(algorithm) {
      const known = loaded.get(algorithm) ?? load(algorithm);
      loaded.set(algorithm, known);
      return known;
    },
  };
}

interface Material {
  readonly type: KeyType;
  load(algorithm: JwtAlgorithm): Promise<CryptoKey | Uint8Array>;
}

/** @throws TypeError */
function materialOf(key: JwtSecret | JwtPublicKey | JwtPrivateKey): Material {
  if ("secret" in key) {
    const { secret } = key;
    const bytes = typeof secret === "string" ? encoder.encode(secret) : secret;
    return { type: "secret", load: async () => bytes };
  }
  const half: KeyHalf = "publicKey" in key ? "public" : "private";
  const material = "publicKey" in key ? key.publicKey : key.privateKey;
  if (typeof material === "string") {
    const type = typeOfPem(material, half);
    const load = async (algorithm: JwtAlgorithm): Promise<CryptoKey> => {
      const { importPKCS8, importSPKI } = await jose();
      return (half === "public" ? importSPKI : importPKCS8)(material, algorithm);
    };
    return { type, load };
  }
  if (typeof material !== "object" || material === null) {
    throw new TypeError(`jwt: a ${half} key is missing: give PEM, a JWK or a CryptoKey`);
  }
  if (material instanceof CryptoKey) {
    checkHalf(material.type, half);
    return { type: typeOfCryptoKey(material), load: async () => material };
  }
  const type = typeOfJwk(material);
  // A secret is no public key, even if somebody puts it where one belongs.
  checkHalf(type === "secret" ? "secret" : material.d === undefined ? "public" : "private", half);
  const load = async (algorithm: JwtAlgorithm): Promise<CryptoKey | Uint8Array> => {
    const { importJWK } = await jose();
    return importJWK({ ...material, alg: algorithm } as never);
  };
  return { type, load };
}

function checkHalf(found: string, wanted: KeyHalf): void {
  if (found === wanted) return;
  throw new TypeError(`jwt: a ${wanted} key is needed here, and this one is ${found}`);
}

/** Some keys say themselves what they are for. @throws TypeError when that is no algorithm for tokens */
function algorithmOf(key: JwtSecret | JwtPublicKey | JwtPrivateKey): JwtAlgorithm | undefined {
  if ("secret" in key) return undefined;
  const material = "publicKey" in key ? key.publicKey : key.privateKey;
  if (typeof material !== "object") return undefined;
  let name: string | undefined;
  if (!(material instanceof CryptoKey)) name = material.alg;
  else if (material.algorithm.name.startsWith("RSA")) {
    const { hash } = material.algorithm as RsaHashedKeyAlgorithm;
    const family = material.algorithm.name === "RSA-PSS" ? "PS" : "RS";
    name = family + hash.name.replace("SHA-", "");
  }
  if (name === undefined || isAlgorithm(name)) return name;
  throw new TypeError(`jwt: a key for ${name} is of no use for tokens`);
}

/** @throws TypeError */
function checkSecret(secret: string | Uint8Array, algorithms: readonly JwtAlgorithm[]): void {
  // Not every caller has types; a variable of the environment may be missing.
  if (typeof secret !== "string" && !(secret instanceof Uint8Array)) {
    throw new TypeError("jwt: the secret is missing");
  }
  const text = typeof secret === "string" ? secret : new TextDecoder().decode(secret);
  // Who verifies with a public key as a secret lets in whoever has read that key (RFC 8725 2.1).
  if (/^\s*-----BEGIN /.test(text)) {
    throw new TypeError("jwt: this secret is a key in PEM: give it as publicKey or privateKey");
  }
  const bytes = typeof secret === "string" ? encoder.encode(secret).byteLength : secret.byteLength;
  const needed = Math.max(...algorithms.map(minSecretBytes));
  if (bytes >= needed) return;
  throw new TypeError(
    `jwt: the secret has ${bytes} bytes and ${algorithms.join(", ")} needs ${needed}: make one with "openssl rand -base64 ${needed}"`,
  );
}
