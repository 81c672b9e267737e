import { readDer, readOid } from "../../internal/der-reader.ts";
import type { KeyType } from "./algorithm.ts";

/** Which half of a pair a key is; a secret has none. */
export type KeyHalf = "public" | "private";

/** An RSA key below this can be broken (RFC 7518 3.3). */
const MIN_RSA_BITS = 2048;
const CURVES: Readonly<Record<string, KeyType>> = {
  "1.2.840.10045.3.1.7": "P-256",
  "1.3.132.0.34": "P-384",
  "1.3.132.0.35": "P-521",
};

/** A key of the type that a JWK says. @throws TypeError saying what is wrong with it */
export function typeOfJwk(jwk: JsonWebKey): KeyType {
  if (jwk.kty === "oct") return "secret";
  if (jwk.kty === "RSA") {
    // Base64url: four characters are three bytes.
    if (typeof jwk.n !== "string" || (jwk.n.length * 6) / 8 < MIN_RSA_BITS / 8) throw tooSmall();
    return "RSA";
  }
  const curve = jwk.crv;
  if (jwk.kty === "EC" && (curve === "P-256" || curve === "P-384" || curve === "P-521")) {
    return curve;
  }
  if (jwk.kty === "OKP" && curve === "Ed25519") return curve;
  throw new TypeError(
    `a JWK of kty ${jwk.kty}, crv ${curve}: use RSA, P-256, P-384, P-521 or Ed25519`,
  );
}

/** @throws TypeError when it signs nothing that a JWT may carry */
export function typeOfCryptoKey(key: CryptoKey): KeyType {
  const { name } = key.algorithm;
  if (name === "HMAC") return "secret";
  if (name === "ECDSA") return typeOfJwk({ kty: "EC", crv: curveOf(key) });
  if (name === "Ed25519") return name;
  if (name !== "RSASSA-PKCS1-v1_5" && name !== "RSA-PSS") {
    throw new TypeError(`a CryptoKey of ${name}: use HMAC, RSA, ECDSA or Ed25519`);
  }
  if ((key.algorithm as RsaKeyAlgorithm).modulusLength < MIN_RSA_BITS) throw tooSmall();
  return "RSA";
}

function curveOf(key: CryptoKey): string {
  return (key.algorithm as EcKeyAlgorithm).namedCurve;
}

/** The type of a key in PEM: `PUBLIC KEY` (RFC 5280) or `PRIVATE KEY` (RFC 5958). @throws TypeError */
export function typeOfPem(pem: string, half: KeyHalf): KeyType {
  const label = half === "public" ? "PUBLIC KEY" : "PRIVATE KEY";
  const pattern = new RegExp(
    `^\\s*-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----\\s*$`,
  );
  const [, base64] = pattern.exec(pem) ?? [];
  if (base64 === undefined) throw new TypeError(wrongPem(pem, label));
  try {
    const bytes = Uint8Array.from(atob(base64.replace(/\s/g, "")), (char) => char.charCodeAt(0));
    return typeOfDer(bytes, half);
  } catch (cause) {
    if (cause instanceof TypeError) throw cause;
    throw new TypeError(`the ${label} is broken: copy it whole, from BEGIN to END`, { cause });
  }
}

/** @throws TypeError, RangeError, or whatever broken base64 gives */
function typeOfDer(bytes: Uint8Array, half: KeyHalf): KeyType {
  const members = readDer(readDer(bytes)[0]?.contents ?? bytes);
  // A private key has its version first.
  const [algorithm, key] = half === "public" ? members : members.slice(1);
  const [oid, parameters] = readDer(algorithm?.contents ?? bytes);
  const name = oid === undefined ? "" : readOid(oid.contents);
  if (name === "1.2.840.113549.1.1.1") {
    // A little more than the modulus in a public key, several times that in a private one.
    const size = (key?.contents.byteLength ?? 0) * 8;
    if (size < (half === "public" ? MIN_RSA_BITS : MIN_RSA_BITS * 4)) throw tooSmall();
    return "RSA";
  }
  if (name === "1.3.101.112") return "Ed25519";
  const curve = name === "1.2.840.10045.2.1" && parameters && CURVES[readOid(parameters.contents)];
  if (typeof curve === "string") return curve;
  throw new TypeError("the key in PEM is of no use here: use RSA, P-256, P-384, P-521 or Ed25519");
}

function wrongPem(pem: string, wanted: string): string {
  const found = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
  if (found === undefined) return `this is no key in PEM: it begins with -----BEGIN ${wanted}-----`;
  const how =
    wanted === "PUBLIC KEY"
      ? found === "CERTIFICATE"
        ? "take the key out with openssl x509 -pubkey -noout"
        : "make it with openssl pkey -pubout"
      : "convert it with openssl pkcs8 -topk8 -nocrypt";
  return `a ${wanted} is needed, and this is a ${found}: ${how}`;
}

function tooSmall(): TypeError {
  return new TypeError(`an RSA key needs ${MIN_RSA_BITS} bits or more (RFC 7518 3.3)`);
}
