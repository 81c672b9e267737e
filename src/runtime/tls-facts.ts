import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { CertificateNames } from "./certificate-names.ts";
import { readCertificateNames } from "./certificate-names.ts";

/** A verified client certificate. */
export interface VerifiedCertificate {
  /** RFC 4514. */
  readonly subject: string;
  readonly issuer: string;
  readonly altNames: readonly string[];
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  readonly serialNumber: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** What a finished handshake settled. */
export interface TlsFacts {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  /** The name the client asked for, lower case without a trailing dot, or undefined. */
  readonly serverName: string | undefined;
  readonly alpn: string | undefined;
  /** Only when its chain was verified and it is valid now. */
  readonly clientCertificate: VerifiedCertificate | undefined;
  /** SHA-256 of the certificate we were known by, upper-case hex with colons; "" if the runtime cannot say. */
  readonly servedFingerprint: string;
}

// Both runtimes have these; the published types of one lack them.
interface WithCertificates {
  getX509Certificate(): X509Certificate | undefined;
  getPeerX509Certificate(): X509Certificate | undefined;
  servername: string | false | null | undefined;
}

export function readTlsFacts(native: TLSSocket, clientAuth: boolean): TlsFacts {
  const socket = native as TLSSocket & WithCertificates;
  const name = socket.servername;
  return {
    version: native.getProtocol() ?? "",
    cipher: native.getCipher()?.name ?? "",
    serverName: name ? canonicalName(name) : undefined,
    alpn: native.alpnProtocol || undefined,
    clientCertificate: clientAuth ? readClientCertificate(socket) : undefined,
    servedFingerprint: socket.getX509Certificate()?.fingerprint256 ?? "",
  };
}

function readClientCertificate(
  socket: TLSSocket & WithCertificates,
): VerifiedCertificate | undefined {
  if (!socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : describeCertificate(certificate);
}

/** A certificate whose chain was verified; undefined once it has run out. */
export function describeCertificate(certificate: X509Certificate): VerifiedCertificate | undefined {
  const validTo = new Date(certificate.validTo);
  // A resumed session was verified when it began; the certificate may have run out since.
  if (!(validTo.getTime() > Date.now())) return undefined;
  const names = readNames(certificate);
  // Whom it names cannot be told, so it names nobody.
  if (names === undefined) return undefined;
  return {
    subject: names.subject,
    issuer: names.issuer,
    altNames: names.altNames,
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    serialNumber: certificate.serialNumber,
    validFrom: new Date(certificate.validFrom),
    validTo,
  };
}

function readNames(certificate: X509Certificate): CertificateNames | undefined {
  try {
    return readCertificateNames(certificate.raw);
  } catch {
    return undefined;
  }
}

/** A host name as names are compared: lower case, without the root's dot. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
