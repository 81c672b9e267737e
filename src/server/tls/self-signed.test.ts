import { expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createTestAuthority } from "../../../test/support/certificates.ts";
import { createDevelopmentCertificate } from "./self-signed.ts";

test("the certificate carries its names, dates and purpose, and fits its key", () => {
  const names = [
    "localhost",
    "*.dev.example",
    "127.0.0.1",
    "::1",
    "2001:db8::ff",
    "münchen.example",
  ];
  const { certificate, key } = createDevelopmentCertificate({ names, days: 30 });
  const x509 = new X509Certificate(certificate);
  expect(x509.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(x509.verify(x509.publicKey)).toBe(true);
  expect(x509.ca).toBe(false);
  expect(x509.subject).toContain("CN=localhost");
  for (const name of ["localhost", "a.dev.example", "xn--mnchen-3ya.example"]) {
    expect(x509.checkHost(name)).toBeDefined();
  }
  expect(x509.checkHost("a.b.dev.example")).toBeUndefined();
  for (const address of ["127.0.0.1", "::1", "2001:db8::ff"]) {
    expect(x509.checkIP(address)).toBeDefined();
  }
  const days = (Date.parse(x509.validTo) - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(30);
  expect(Date.parse(x509.validFrom)).toBeLessThan(Date.now());
});

test("dates past 2049 and long names keep to RFC 5280", () => {
  const commonName = "x".repeat(80);
  const { certificate } = createDevelopmentCertificate({
    names: ["localhost"],
    days: 36_500,
    commonName,
  });
  const x509 = new X509Certificate(certificate);
  expect(new Date(x509.validTo).getUTCFullYear()).toBeGreaterThan(2100);
  expect(x509.subject).toContain(`CN=${"x".repeat(64)}`);
  expect(x509.subject).not.toContain("x".repeat(65));
});

test("each certificate has a key and a serial number of its own", () => {
  const one = new X509Certificate(createDevelopmentCertificate({ names: ["a"] }).certificate);
  const two = new X509Certificate(createDevelopmentCertificate({ names: ["a"] }).certificate);
  expect(one.serialNumber).not.toBe(two.serialNumber);
  expect(one.fingerprint256).not.toBe(two.fingerprint256);
});

test.each([["no host"], [""], ["a..b"], ["a/b"], ["*.*.example"], ["x".repeat(64) + ".example"]])(
  "the name %j is refused",
  (name) => {
    expect(() => createDevelopmentCertificate({ names: [name] })).toThrow("is no host name");
  },
);

test("a certificate without names or days is refused", () => {
  expect(() => createDevelopmentCertificate({ names: [] })).toThrow("at least one name");
  for (const days of [0, -1, Number.NaN, 1e9]) {
    expect(() => createDevelopmentCertificate({ names: ["a"], days })).toThrow("1 to 36500");
  }
});

test("the test authority issues chains that verify", () => {
  const root = createTestAuthority();
  const middle = root.intermediate("Middle");
  for (const kind of ["ec", "rsa"] as const) {
    const { certificate } = middle.server(["a.example"], { kind });
    const leaf = new X509Certificate(certificate);
    const issuer = new X509Certificate(middle.certificate);
    expect(leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey)).toBe(true);
    expect(issuer.verify(new X509Certificate(root.certificate).publicKey)).toBe(true);
  }
});
