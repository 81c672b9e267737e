import { expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestAuthority } from "../../../test/support/certificates.ts";
import type { CertificateSettings } from "../settings.ts";
import { defaultTls } from "../settings.ts";
import { readCertificateFiles } from "./certificate-files.ts";
import { CertificateError, checkCertificate, loadCertificate } from "./certificate.ts";
import { checkTls } from "./check-tls.ts";

const authority = createTestAuthority("Root");
const middle = authority.intermediate("Middle");
const good = authority.server(["www.example.com", "*.example.com", "10.0.0.1", "::1"]);
const below = middle.server(["below.example"], { kind: "rsa" });
const other = authority.server(["other.example"]);
const DAY_MS = 86_400_000;

test("a good certificate has no problems and tells its names", () => {
  expect(checkCertificate(good)).toEqual([]);
  expect(loadCertificate(good).names).toEqual([
    "www.example.com",
    "*.example.com",
    "10.0.0.1",
    "::1",
  ]);
  const chain = below.certificate + middle.certificate + authority.certificate;
  expect(checkCertificate({ ...below, certificate: chain })).toEqual([]);
});

test("keys in their older forms are read too", () => {
  const sec1 = createPrivateKey(good.key).export({ type: "sec1", format: "pem" }) as string;
  expect(checkCertificate({ ...good, key: sec1 })).toEqual([]);
  const pkcs1 = createPrivateKey(below.key).export({ type: "pkcs1", format: "pem" }) as string;
  expect(checkCertificate({ ...below, key: pkcs1 })).toEqual([]);
});

const encrypted = createPrivateKey(good.key).export({
  type: "pkcs8",
  format: "pem",
  cipher: "aes-256-cbc",
  passphrase: "secret",
}) as string;
const legacy =
  "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
const broken = "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n";
const brokenKey = "-----BEGIN PRIVATE KEY-----\nMIIBAAAA\n-----END PRIVATE KEY-----\n";

const wrong: [string, CertificateSettings, string[], RegExp][] = [
  [
    "no certificate",
    { ...good, certificate: "" },
    ["certificate_unreadable"],
    /no certificate in PEM/,
  ],
  [
    "binary instead of PEM",
    { ...good, certificate: "0\x82\x01\0" },
    ["certificate_unreadable"],
    /BEGIN CERTIFICATE/,
  ],
  [
    "a broken certificate",
    { ...good, certificate: broken },
    ["certificate_unreadable"],
    /certificate 1 of the chain cannot be read/,
  ],
  [
    "a broken intermediate",
    { ...good, certificate: good.certificate + broken },
    ["certificate_unreadable"],
    /certificate 2 of the chain/,
  ],
  ["no key", { ...good, key: "" }, ["key_unreadable"], /not PEM/],
  [
    "a broken key",
    { ...good, key: brokenKey },
    ["key_unreadable"],
    /the private key cannot be read/,
  ],
  ["an encrypted key", { ...good, key: encrypted }, ["key_encrypted"], /openssl pkey/],
  ["an encrypted key of the old form", { ...good, key: legacy }, ["key_encrypted"], /encrypted/],
  [
    "both exchanged",
    { certificate: good.key, key: good.certificate },
    ["key_unreadable", "certificate_unreadable"],
    /exchanged/,
  ],
  [
    "a key of another certificate",
    { ...good, key: other.key },
    ["key_mismatch"],
    /does not belong to the certificate of CN=www\.example\.com,O=Test/,
  ],
  [
    "the root before the leaf",
    { ...below, certificate: middle.certificate + below.certificate },
    ["certificate_chain_order"],
    /number 2 and must come first/,
  ],
  [
    "an intermediate left out",
    { ...below, certificate: below.certificate + authority.certificate },
    ["certificate_chain_order"],
    /certificate 2 \(CN=Root\) has not issued certificate 1/,
  ],
  [
    "a foreign intermediate",
    { ...good, certificate: good.certificate + createTestAuthority("Root").certificate },
    ["certificate_chain_order"],
    /the chain is broken/,
  ],
  [
    "expired",
    authority.server(["a.example"], { from: -10, to: -1 }),
    ["certificate_expired"],
    /expired on \d{4}-\d\d-\d\d: renew it/,
  ],
  [
    "not yet valid",
    authority.server(["a.example"], { from: 2, to: 10 }),
    ["certificate_not_yet_valid"],
    /not valid before/,
  ],
  [
    "expired with a wrong key",
    { ...authority.server(["a.example"], { from: -10, to: -1 }), key: other.key },
    ["key_mismatch", "certificate_expired"],
    /renew it/,
  ],
  [
    "a name nobody can ask for",
    { ...good, names: ["https://a.example/"] },
    ["certificate_name_invalid"],
    /is no name/,
  ],
  [
    "a wildcard in the middle",
    { ...good, names: ["a.*.example"] },
    ["certificate_name_invalid"],
    /is no name/,
  ],
];

test.each(wrong)("%s is refused with what to do", (_, settings, codes, message) => {
  const problems = checkCertificate({ ...settings, origin: "site.pem" });
  expect(problems.map((problem) => problem.code)).toEqual(codes);
  expect(problems.map((problem) => problem.message).join("\n")).toMatch(message);
  for (const problem of problems) {
    expect(problem).toMatchObject({ severity: "error", origin: "site.pem" });
    expect(problem.message).toStartWith("site.pem: ");
    expect(problem.message).not.toContain("PRIVATE KEY-----\nM");
  }
  expect(() => loadCertificate({ ...settings, origin: "site.pem" })).toThrow(CertificateError);
});

test("one that expires within two weeks is served with a warning", () => {
  const soon = authority.server(["a.example"], { to: 10 });
  const [problem, ...rest] = checkCertificate(soon);
  expect(rest).toEqual([]);
  expect(problem).toMatchObject({ severity: "warning", code: "certificate_expires_soon" });
  expect(problem?.message).toMatch(/in 9 days: renew it/);
  expect(loadCertificate(soon).names).toEqual(["a.example"]);
  expect(checkCertificate(good, Date.now() + 80 * DAY_MS)[0]?.code).toBe(
    "certificate_expires_soon",
  );
  expect(checkCertificate(good, Date.now() + 91 * DAY_MS)[0]?.code).toBe("certificate_expired");
});

test("the common name counts only where there are no alternative names", () => {
  const bare = authority.server([], { commonName: "Old.Example" });
  expect(loadCertificate(bare).names).toEqual(["old.example"]);
  expect(checkCertificate(bare)[0]).toMatchObject({
    severity: "warning",
    code: "certificate_without_names",
  });
  const both = authority.server(["new.example"], { commonName: "old.example" });
  expect(loadCertificate(both).names).toEqual(["new.example"]);
});

test("settings are checked as a whole, client_ca too", () => {
  const settings = (changes: object) => ({ ...defaultTls, certificates: [good], ...changes });
  expect(checkTls(settings({ clientCa: authority.certificate }))).toEqual([]);
  const codes = (changes: object) => checkTls(settings(changes)).map((problem) => problem.code);
  expect(codes({ certificates: [] })).toEqual(["certificate_missing"]);
  expect(codes({ clientCa: "" })).toEqual(["client_ca_unreadable"]);
  expect(codes({ clientCa: authority.certificate + broken })).toEqual(["client_ca_unreadable"]);
  expect(codes({ clientCa: good.certificate })).toEqual(["client_ca_no_authority"]);
  const mismatch = { ...good, key: other.key };
  expect(codes({ certificates: [mismatch, { ...good, key: "" }], clientCa: "x" })).toEqual([
    "key_mismatch",
    "key_unreadable",
    "client_ca_unreadable",
  ]);
  expect(
    checkTls(settings({ clientCa: authority.certificate }), Date.now() + 400 * DAY_MS).map(
      (p) => p.code,
    ),
  ).toEqual(["certificate_expired", "client_ca_expired"]);
});

test("files are read, and each that cannot be is named", async () => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-certificate-"));
  try {
    const certificate = join(directory, "site.pem");
    const key = join(directory, "site.key");
    await writeFile(certificate, good.certificate);
    await writeFile(key, good.key);
    await chmod(key, 0o600);
    const settings = readCertificateFiles(certificate, key);
    expect(settings).toEqual({ ...good, origin: certificate });
    const missing = join(directory, "missing.pem");
    try {
      readCertificateFiles(missing, directory);
      expect.unreachable();
    } catch (error) {
      const { problems } = error as CertificateError;
      expect(problems.map(({ code, message, origin }) => [code, message, origin])).toEqual([
        ["certificate_unreadable", `${missing}: cannot be read: there is no such file`, missing],
        [
          "key_unreadable",
          `${directory}: cannot be read: it is a directory: name the file in it`,
          directory,
        ],
      ]);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});
