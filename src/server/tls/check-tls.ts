import { X509Certificate } from "node:crypto";
import type { TlsSettings } from "../settings.ts";
import type { CertificateProblem } from "./certificate.ts";
import { checkCertificate } from "./certificate.ts";

/** Everything wrong with a listener's TLS settings, certificates and `client_ca` together. */
export function checkTls(settings: TlsSettings, now: number = Date.now()): CertificateProblem[] {
  const problems = settings.certificates.flatMap((certificate) =>
    checkCertificate(certificate, now),
  );
  if (settings.certificates.length === 0) {
    problems.push({
      severity: "error",
      code: "certificate_missing",
      message:
        "tls: there is no certificate: give one with its key, or make one with `sluice cert`",
      origin: "tls",
    });
  }
  if (settings.clientCa !== undefined) problems.push(...checkClientCa(settings.clientCa, now));
  return problems;
}

function checkClientCa(pem: string, now: number): CertificateProblem[] {
  const problems: CertificateProblem[] = [];
  const report = (severity: "error" | "warning", code: string, message: string) => {
    problems.push({ severity, code, message: `client_ca: ${message}`, origin: "client_ca" });
  };
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) {
    report(
      "error",
      "client_ca_unreadable",
      "there is no certificate in PEM: give the certificates of the authorities that sign your clients'",
    );
  }
  for (const [index, block] of blocks.entries()) {
    const which = `certificate ${index + 1}`;
    let authority: X509Certificate;
    try {
      authority = new X509Certificate(block);
    } catch (error) {
      report(
        "error",
        "client_ca_unreadable",
        `${which} cannot be read: ${(error as Error).message}`,
      );
      continue;
    }
    if (!authority.ca) {
      report(
        "warning",
        "client_ca_no_authority",
        `${which} is not an authority's: it verifies no certificate but itself`,
      );
    }
    if (now > Date.parse(authority.validTo)) {
      report("error", "client_ca_expired", `${which} expired on ${authority.validTo}: renew it`);
    }
  }
  return problems;
}
