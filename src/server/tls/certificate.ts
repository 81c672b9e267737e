import type { KeyObject } from "node:crypto";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readCertificateNames } from "../../runtime/certificate-names.ts";
import type { CertificateSettings } from "../settings.ts";

/** What is wrong with a certificate. Only errors keep it from being served. */
export interface CertificateProblem {
  severity: "error" | "warning";
  /** Stable, such as `certificate_expired`. */
  code: string;
  /** What is wrong, where, and what to do. */
  message: string;
  /** Where the certificate was read from. */
  origin: string;
}

/** Thrown when certificates cannot be used; lists everything that is wrong with them. */
export class CertificateError extends Error {
  readonly problems: readonly CertificateProblem[];

  constructor(problems: readonly CertificateProblem[]) {
    super(problems.map((problem) => problem.message).join("\n"));
    this.name = "CertificateError";
    this.problems = problems;
  }
}

/** A certificate that may be served. */
export interface LoadedCertificate {
  readonly settings: CertificateSettings;
  readonly leaf: X509Certificate;
  /** What clients accept it for: its DNS names and addresses, lower case. */
  readonly names: readonly string[];
  readonly validTo: Date;
}

const DAY_MS = 86_400_000;
/** Below this a certificate that is still valid is worth a warning. */
const EXPIRES_SOON_MS = 14 * DAY_MS;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const PEM_ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** Everything wrong with a certificate and its key; empty when they may be served without worry. */
export function checkCertificate(
  settings: CertificateSettings,
  now: number = Date.now(),
): CertificateProblem[] {
  return inspect(settings, now).problems;
}

/** @throws CertificateError when it may not be served */
export function loadCertificate(
  settings: CertificateSettings,
  now: number = Date.now(),
): LoadedCertificate {
  const { problems, loaded } = inspect(settings, now);
  const errors = problems.filter((problem) => problem.severity === "error");
  if (loaded === undefined || errors.length > 0) throw new CertificateError(errors);
  return loaded;
}

type Report = (severity: "error" | "warning", code: string, message: string) => void;

function inspect(
  settings: CertificateSettings,
  now: number,
): { problems: CertificateProblem[]; loaded: LoadedCertificate | undefined } {
  const origin = settings.origin ?? "certificate";
  const problems: CertificateProblem[] = [];
  const report: Report = (severity, code, message) => {
    problems.push({ severity, code, message: `${origin}: ${message}`, origin });
  };
  const key = readKey(settings.key, report);
  const chain = readChain(settings.certificate, report);
  const own = key === undefined ? 0 : checkKey(chain, key, report);
  if (own === 0) checkOrder(chain, report);
  // In a chain of the wrong order the dates and names that count are still those of the key's certificate.
  const leaf = chain[Math.max(own, 0)];
  if (leaf === undefined) return { problems, loaded: undefined };
  checkDates(leaf, now, report);
  const names = readNames(leaf, settings.names, report);
  const validTo = new Date(leaf.validTo);
  return { problems, loaded: { settings, leaf, names, validTo } };
}

function readKey(pem: string, report: Report): KeyObject | undefined {
  if (PEM_ENCRYPTED.test(pem)) {
    report(
      "error",
      "key_encrypted",
      "the private key is encrypted: decrypt it with `openssl pkey -in KEY -out PLAIN.pem` and protect the file by its permissions",
    );
    return undefined;
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    const found = pem.includes("BEGIN CERTIFICATE")
      ? "the key holds a certificate: are certificate and key exchanged?"
      : 'the key is not PEM: it must hold a block that starts with "-----BEGIN PRIVATE KEY-----"';
    report("error", "key_unreadable", found);
    return undefined;
  }
  try {
    return createPrivateKey(pem);
  } catch (error) {
    report("error", "key_unreadable", `the private key cannot be read: ${reason(error)}`);
    return undefined;
  }
}

function readChain(pem: string, report: Report): X509Certificate[] {
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    const found = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)
      ? "the certificate holds a private key: are certificate and key exchanged?"
      : 'there is no certificate in PEM: it must hold a block that starts with "-----BEGIN CERTIFICATE-----"';
    report("error", "certificate_unreadable", found);
    return [];
  }
  const chain: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      chain.push(new X509Certificate(block));
    } catch (error) {
      report(
        "error",
        "certificate_unreadable",
        `certificate ${index + 1} of the chain cannot be read: ${reason(error)}`,
      );
      return [];
    }
  }
  return chain;
}

/** @returns which certificate of the chain the key belongs to, or -1 */
function checkKey(chain: readonly X509Certificate[], key: KeyObject, report: Report): number {
  const at = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  const first = chain[0];
  if (at > 0) {
    report(
      "error",
      "certificate_chain_order",
      `the chain is in the wrong order: the certificate of this key is number ${at + 1} and must come first, then the intermediates that lead to the root`,
    );
  } else if (at < 0 && first !== undefined) {
    report(
      "error",
      "key_mismatch",
      `the private key does not belong to the certificate of ${subject(first)}: give the key it was requested with`,
    );
  }
  return at;
}

function checkOrder(chain: readonly X509Certificate[], report: Report): void {
  for (let i = 0; i + 1 < chain.length; i++) {
    const issued = chain[i] as X509Certificate;
    const issuer = chain[i + 1] as X509Certificate;
    if (issued.checkIssued(issuer) && issued.verify(issuer.publicKey)) continue;
    report(
      "error",
      "certificate_chain_order",
      `the chain is broken: certificate ${i + 2} (${subject(issuer)}) has not issued certificate ${i + 1} (${subject(issued)}); put the server's certificate first and each issuer after what it issued`,
    );
    return;
  }
}

function checkDates(leaf: X509Certificate, now: number, report: Report): void {
  const from = Date.parse(leaf.validFrom);
  const to = Date.parse(leaf.validTo);
  if (now > to) {
    report(
      "error",
      "certificate_expired",
      `the certificate expired on ${day(to)}: renew it, or check this machine's clock`,
    );
  } else if (now < from) {
    report(
      "error",
      "certificate_not_yet_valid",
      `the certificate is not valid before ${day(from)}: wait, or check this machine's clock`,
    );
  } else if (to - now < EXPIRES_SOON_MS) {
    const days = Math.floor((to - now) / DAY_MS);
    report(
      "warning",
      "certificate_expires_soon",
      `the certificate expires on ${day(to)}, in ${days === 1 ? "1 day" : `${days} days`}: renew it`,
    );
  }
}

/** RFC 9110 4.3.4: the common name counts only where there are no alternative names. */
function readNames(
  leaf: X509Certificate,
  given: readonly string[] | undefined,
  report: Report,
): string[] {
  const { altNames, commonName } = readCertificateNames(leaf.raw);
  const names = altNames
    .filter((name) => name.startsWith("DNS:") || name.startsWith("IP:"))
    .map((name) => name.slice(name.indexOf(":") + 1).toLowerCase());
  if (names.length === 0 && commonName !== undefined) names.push(commonName.toLowerCase());
  for (const name of given ?? []) {
    if (/^(?:\*\.)?[^*\s/:]+$/.test(name) || /^[0-9a-fA-F:.]+$/.test(name)) continue;
    report(
      "error",
      "certificate_name_invalid",
      `${JSON.stringify(name)} is no name a certificate can be chosen for: use a host such as www.example.com or *.example.com`,
    );
  }
  if (altNames.length === 0) {
    report(
      "warning",
      "certificate_without_names",
      "the certificate has no subject alternative names: browsers refuse it, so request one that has them",
    );
  }
  return names;
}

function subject(certificate: X509Certificate): string {
  return readCertificateNames(certificate.raw).subject || "an unnamed subject";
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
