import { expect, test } from "bun:test";
import { createTestAuthority } from "../../../test/support/certificates.ts";
import type { Connection } from "../../core/exchange.ts";
import { defaultTls } from "../settings.ts";
import { CertificateStore, covers } from "./certificate-store.ts";
import { CertificateError } from "./certificate.ts";

const authority = createTestAuthority();
const first = authority.server(["first.example", "127.0.0.1", "2001:db8::1"]);
const second = authority.server(["second.example", "*.second.example"]);
const settings = { ...defaultTls, certificates: [first, second] };

function connect(store: CertificateStore, serverName: string | undefined): Connection {
  const tls = store.describe({
    version: "TLSv1.3",
    cipher: "TLS_AES_128_GCM_SHA256",
    serverName,
    alpn: "h2",
    clientCertificate: undefined,
  });
  return { id: 1, remoteAddress: "", remotePort: 0, localAddress: "", localPort: 0, tls };
}

test("a connection may be asked for what its certificate covers (RFC 9110 7.4)", () => {
  const store = new CertificateStore(settings);
  const cases: [string | undefined, string, boolean][] = [
    ["second.example", "second.example", true],
    ["second.example", "SECOND.example:8443", true],
    ["second.example", "second.example.", true],
    ["second.example", "a.second.example", true],
    ["second.example", "a.b.second.example", false],
    ["second.example", "first.example", false],
    ["second.example", ".second.example", false],
    ["second.example", "xsecond.example", false],
    ["a.second.example", "b.second.example", true],
    ["first.example", "second.example", false],
    ["first.example", "first.example", true],
    [undefined, "first.example", true],
    [undefined, "127.0.0.1:443", true],
    [undefined, "127.0.0.2", false],
    [undefined, "[2001:db8::1]:8443", true],
    [undefined, "[2001:DB8:0:0::1]", true],
    [undefined, "[::1]", false],
    [undefined, "second.example", false],
    ["unknown.example", "unknown.example", false],
    ["first.example", "", true],
  ];
  for (const [serverName, host, expected] of cases) {
    const connection = connect(store, serverName);
    const answers = [covers(connection, host), covers(connection, host)];
    expect([serverName, host, ...answers]).toEqual([serverName, host, expected, expected]);
  }
});

test("without TLS every host may be asked for, and with TLS of unknown origin none", () => {
  const connection = connect(new CertificateStore(settings), undefined);
  expect(covers({ ...connection, tls: undefined }, "any.example")).toBe(true);
  const { version, cipher, serverName, alpn, clientCertificate } = connection.tls as never;
  const bare = { version, cipher, serverName, alpn, clientCertificate };
  expect(covers({ ...connection, tls: bare }, "first.example")).toBe(false);
});

test("names from the settings are covered too", () => {
  const store = new CertificateStore({
    ...settings,
    certificates: [{ ...first, names: ["internal.test"] }],
  });
  const connection = connect(store, "internal.test");
  expect(covers(connection, "internal.test")).toBe(true);
  expect(covers(connection, "first.example")).toBe(true);
});

test("a connection keeps the names it began with", () => {
  const store = new CertificateStore(settings);
  const before = connect(store, "second.example");
  store.replace({ ...settings, certificates: [first] });
  expect(covers(before, "second.example")).toBe(true);
  expect(covers(connect(store, "second.example"), "second.example")).toBe(false);
});

test("the table of names tells which certificate each is served with, the first one for a name twice", () => {
  const twin = authority.server(["second.example", "third.example"]);
  const store = new CertificateStore({ ...settings, certificates: [first, second, twin] });
  expect(Object.fromEntries(store.byName())).toEqual({
    "first.example": first,
    "127.0.0.1": first,
    "2001:db8::1": first,
    "second.example": second,
    "*.second.example": second,
    "third.example": twin,
  });
});

test("settings with any error are refused as a whole, and listeners hear of good ones only", () => {
  const store = new CertificateStore(settings);
  let heard = 0;
  const release = store.onChange(() => heard++);
  const bad = {
    ...settings,
    certificates: [first, { ...second, key: first.key }, { ...first, key: "" }],
  };
  for (const attempt of [() => store.replace(bad), () => new CertificateStore(bad)]) {
    try {
      attempt();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CertificateError);
      const { problems } = error as CertificateError;
      expect(problems.map((problem) => problem.code)).toEqual(["key_mismatch", "key_unreadable"]);
    }
  }
  expect(store.settings).toBe(settings);
  expect(heard).toBe(0);
  const next = { ...settings, certificates: [second] };
  store.replace(next);
  expect([heard, store.settings]).toEqual([1, next]);
  release();
  store.replace(settings);
  expect(heard).toBe(1);
});

test("what stays the same keeps its context, and another client_ca changes all of them", () => {
  const store = new CertificateStore(settings);
  const context = store.select("second.example");
  const { defaults } = store;
  store.replace({ ...settings, certificates: [{ ...first }, { ...second }] });
  expect(store.select("second.example") === context).toBe(true);
  expect(store.defaults).toBe(defaults);
  store.replace({ ...settings, clientCa: authority.certificate });
  expect(store.select("second.example") === context).toBe(false);
  expect(store.defaults).toMatchObject({ requestCert: true, rejectUnauthorized: true });
  store.replace({ ...settings, clientCa: authority.certificate, clientAuth: "optional" });
  expect(store.defaults).toMatchObject({ requestCert: true, rejectUnauthorized: false });
});
