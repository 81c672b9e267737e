import { generateKeyPairSync } from "node:crypto";
import { issueCertificate } from "./issue-certificate.ts";

export interface DevelopmentCertificateOptions {
  /** DNS names, `*.example.com` too, and IP addresses; at least one. */
  names: readonly string[];
  /** Days it is valid from now; 365 if left out. Some clients refuse more than 825. */
  days?: number;
  /** Shown by browsers; the first name if left out. */
  commonName?: string;
}

/** Both in PEM; the key is PKCS #8 and not encrypted. */
export interface CertificatePair {
  certificate: string;
  key: string;
}

const DAY_MS = 86_400_000;
/** Machines whose clock is a little behind must accept it too. */
const CLOCK_SKEW_MS = 3_600_000;

/**
 * Makes a self-signed server certificate (ECDSA P-256) for development, so that HTTPS needs no other tool.
 * Synchronous; takes about a millisecond.
 *
 * @example
 * const { certificate, key } = createDevelopmentCertificate({ names: ["localhost", "127.0.0.1", "::1"] });
 * @throws RangeError when a name is neither a host name nor an address, or the days are no positive number
 */
export function createDevelopmentCertificate(
  options: DevelopmentCertificateOptions,
): CertificatePair {
  const { names, days = 365 } = options;
  if (names.length === 0) {
    throw new RangeError("a certificate needs at least one name, such as localhost");
  }
  if (!(days > 0 && days <= 36_500)) {
    throw new RangeError(`a certificate cannot be valid for ${days} days: use 1 to 36500`);
  }
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = {
    organization: "Sluice development certificate",
    commonName: options.commonName ?? (names[0] as string),
  };
  const now = Date.now();
  const certificate = issueCertificate({
    subject,
    issuer: subject,
    key: privateKey,
    signingKey: privateKey,
    names,
    notBefore: new Date(now - CLOCK_SKEW_MS),
    notAfter: new Date(now + days * DAY_MS),
    usage: "server",
  });
  return { certificate, key: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
}
