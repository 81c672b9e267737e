import type { KeyObject } from "node:crypto";
import { generateKeyPairSync } from "node:crypto";
import { issueCertificate } from "../../src/server/tls/issue-certificate.ts";
import type { CertificatePair } from "../../src/server/tls/self-signed.ts";

export interface TestCertificateOptions {
  kind?: "ec" | "rsa";
  /** Days from now; negative ones lie in the past. */
  from?: number;
  to?: number;
  commonName?: string;
}

/** A certificate authority that lives as long as the test. Names may be DNS names or IP addresses. */
export interface TestAuthority extends CertificatePair {
  server(names: readonly string[], options?: TestCertificateOptions): CertificatePair;
  client(
    commonName: string,
    options?: TestCertificateOptions & { names?: string[] },
  ): CertificatePair;
  /** An authority below this one; its `certificate` must be sent behind the leaf's. */
  intermediate(commonName: string): TestAuthority;
}

const DAY_MS = 86_400_000;

export function createTestAuthority(commonName = "Test authority"): TestAuthority {
  const key = createKey("ec");
  const subject = { commonName };
  return authority(subject, key, subject, key);
}

function createKey(kind: "ec" | "rsa"): KeyObject {
  return kind === "ec"
    ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
    : generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}

function authority(
  subject: { commonName: string },
  key: KeyObject,
  issuer: { commonName: string },
  issuerKey: KeyObject,
): TestAuthority {
  const leaf = (
    usage: "server" | "client",
    name: string,
    names: readonly string[],
    options: TestCertificateOptions,
  ): CertificatePair => {
    const leafKey = createKey(options.kind ?? "ec");
    const certificate = issueCertificate({
      subject: { commonName: options.commonName ?? name, organization: "Test" },
      issuer: subject,
      key: leafKey,
      signingKey: key,
      names,
      notBefore: daysFromNow(options.from ?? -1),
      notAfter: daysFromNow(options.to ?? 90),
      usage,
    });
    return { certificate, key: pem(leafKey) };
  };
  return {
    certificate: issueCertificate({
      subject,
      issuer,
      key,
      signingKey: issuerKey,
      names: [],
      notBefore: daysFromNow(-10),
      notAfter: daysFromNow(365),
      usage: "authority",
    }),
    key: pem(key),
    server: (names, options = {}) => leaf("server", names[0] ?? "nameless", names, options),
    client: (commonName, options = {}) => leaf("client", commonName, options.names ?? [], options),
    intermediate: (commonName) => authority({ commonName }, createKey("ec"), subject, key),
  };
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * DAY_MS);
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}
