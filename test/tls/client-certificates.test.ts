import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import type { CertificatePair } from "../../src/server/tls/self-signed.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { ask, startTls } from "./harness.ts";

const authority = createTestAuthority("Clients");
const stranger = createTestAuthority("Clients");
const fallback = authority.server(["default.example"]);
const named = authority.server(["named.example"]);
const alice = authority.client("alice", { names: ["alice.example", "10.0.0.7"] });
const mallory = stranger.client("alice");
const expired = authority.client("expired", { from: -10, to: -1 });
const future = authority.client("future", { from: 5, to: 10 });
const middle = authority.intermediate("Middle");
const bob = middle.client("bob");
const bobChain = { certificate: bob.certificate + middle.certificate, key: bob.key };

const certificates = [fallback, named];
const clientCa = authority.certificate;
const as = (pair: CertificatePair) => ({ cert: pair.certificate, key: pair.key });
const servernames = ["named.example", "unknown.example"];

test("a verified certificate is told in full", async () => {
  await using server = await startTls({ certificates, clientCa, clientAuth: "required" });
  const x509 = new X509Certificate(alice.certificate);
  for (const servername of servernames) {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const { facts } = await ask(server.port, { servername, maxVersion, ...as(alice) });
      expect(facts?.clientCertificate as unknown).toEqual({
        subject: "CN=alice,O=Test",
        issuer: "CN=Clients",
        altNames: ["DNS:alice.example", "IP:10.0.0.7"],
        fingerprint: x509.fingerprint256.replaceAll(":", "").toLowerCase(),
        serialNumber: x509.serialNumber,
        validFrom: new Date(x509.validFrom).toISOString(),
        validTo: new Date(x509.validTo).toISOString(),
      });
    }
  }
  const chained = await ask(server.port, as(bobChain));
  expect(chained.facts?.clientCertificate?.subject).toBe("CN=bob,O=Test");
});

test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "where one is required nothing is served without (%s)",
  async (maxVersion) => {
    await using server = await startTls({ certificates, clientCa, clientAuth: "required" });
    const refused = [{}, as(mallory), as(expired), as(future), as(bob)];
    for (const servername of servernames) {
      for (const credentials of refused) {
        const answer = await ask(server.port, { servername, maxVersion, ...credentials });
        expect(answer.text).toBe("");
      }
    }
    expect(server.refusals).toEqual(Array(10).fill("tls_client_certificate"));
  },
);

test("where one is optional an unverified one counts as none, resumed or not", async () => {
  await using server = await startTls({ certificates, clientCa, clientAuth: "optional" });
  for (const servername of servernames) {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      for (const credentials of [{}, as(mallory), as(expired), as(future), as(bob)]) {
        const options = { servername, maxVersion };
        const first = await ask(server.port, { ...options, ...credentials });
        expect(first.facts?.clientCertificate as unknown).toBeNull();
        if (first.session === undefined) continue;
        const again = await ask(server.port, { ...options, session: first.session });
        expect(again.facts?.clientCertificate as unknown).toBeNull();
      }
      const known = await ask(server.port, { servername, maxVersion, ...as(alice) });
      expect(known.facts?.clientCertificate?.subject).toBe("CN=alice,O=Test");
    }
  }
});

test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "a resumed session keeps the certificate it began with (%s)",
  async (maxVersion) => {
    await using server = await startTls({ certificates, clientCa, clientAuth: "required" });
    for (const servername of servernames) {
      const options = { servername, maxVersion };
      const first = await ask(server.port, { ...options, ...as(alice) });
      const session = first.session as Buffer;
      const again = await ask(server.port, { ...options, session });
      expect(again.resumed).toBe(true);
      expect(again.facts?.clientCertificate).toEqual(first.facts?.clientCertificate as never);
    }
  },
);

test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "no session outlives the authorities it was verified by (%s)",
  async (maxVersion) => {
    await using server = await startTls({ certificates, clientCa, clientAuth: "optional" });
    for (const servername of [...servernames, undefined]) {
      const options = { maxVersion, ...(servername === undefined ? {} : { servername }) };
      server.store.replace(server.settings({ clientCa }));
      const first = await ask(server.port, { ...options, ...as(alice) });
      expect(first.facts?.clientCertificate?.subject).toBe("CN=alice,O=Test");
      server.store.replace(server.settings({ clientCa: stranger.certificate }));
      const session = first.session as Buffer;
      for (const credentials of [{}, as(alice)]) {
        const again = await ask(server.port, { ...options, session, ...credentials });
        expect(again.resumed).toBe(false);
        expect(again.facts?.clientCertificate as unknown).toBeNull();
      }
      const other = await ask(server.port, { ...options, ...as(mallory) });
      expect(other.facts?.clientCertificate?.issuer).toBe("CN=Clients");
    }
  },
);

test("a listener can begin to ask for certificates, and stop, while it runs", async () => {
  await using server = await startTls({ certificates });
  for (const servername of servernames) {
    const asked = { servername, ...as(alice) };
    expect((await ask(server.port, asked)).facts?.clientCertificate as unknown).toBeNull();
    server.store.replace(server.settings({ clientCa, clientAuth: "required" }));
    expect((await ask(server.port, asked)).facts?.clientCertificate?.subject).toStartWith(
      "CN=alice",
    );
    expect((await ask(server.port, { servername })).text).toBe("");
    server.store.replace(server.settings({ clientCa, clientAuth: "optional" }));
    expect((await ask(server.port, { servername })).facts?.got).toBe(4);
    server.store.replace(server.settings({}));
    expect((await ask(server.port, asked)).facts?.clientCertificate as unknown).toBeNull();
  }
});
