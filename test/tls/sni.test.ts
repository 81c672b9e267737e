import { expect, test } from "bun:test";
import { once } from "node:events";
import { createTestAuthority } from "../support/certificates.ts";
import { lacks } from "../support/programs.ts";
import { ask, connectTls, startTls } from "./harness.ts";

const authority = createTestAuthority();
const fallback = authority.server(["default.example"]);
const exact = authority.server(["www.example.com"]);
const wildcard = authority.server(["*.example.com"], { kind: "rsa" });

test("certificates are chosen by server name: exact, one-label wildcard, default", async () => {
  await using server = await startTls({ certificates: [fallback, exact, wildcard] });
  const cases: [string | undefined, string][] = [
    [undefined, "default.example"],
    ["default.example", "default.example"],
    ["www.example.com", "www.example.com"],
    ["WWW.Example.COM", "www.example.com"],
    ["a.example.com", "*.example.com"],
    ["a.b.example.com", "default.example"],
    ["example.com", "default.example"],
    ["other.test", "default.example"],
  ];
  for (const [servername, shown] of cases) {
    const answer = await ask(server.port, servername === undefined ? {} : { servername });
    expect([servername, answer.shown]).toEqual([servername, shown]);
    expect(answer.facts?.serverName).toBe(servername?.toLowerCase());
  }
});

test("names given in the settings take the place of the certificate's", async () => {
  await using server = await startTls({
    certificates: [fallback, { ...exact, names: ["alias.test", "*.alias.test"] }],
  });
  expect((await ask(server.port, { servername: "alias.test" })).shown).toBe("www.example.com");
  expect((await ask(server.port, { servername: "x.alias.test" })).shown).toBe("www.example.com");
  expect((await ask(server.port, { servername: "www.example.com" })).shown).toBe("default.example");
});

test("a handshake settles version, cipher, name and protocol", async () => {
  await using server = await startTls({ certificates: [fallback] });
  const modern = await ask(server.port, { servername: "a.test", ALPNProtocols: ["http/1.1"] });
  expect(modern.facts).toMatchObject({
    version: "TLSv1.3",
    serverName: "a.test",
    alpn: "http/1.1",
  });
  expect(modern.facts?.cipher).toMatch(/^TLS_/);
  const older = await ask(server.port, { maxVersion: "TLSv1.2" });
  expect(older.facts).toMatchObject({ version: "TLSv1.2", got: 4, clientCertificate: null });
  expect(older.facts?.alpn).toBeUndefined();
  const h2 = await ask(server.port, { ALPNProtocols: ["h2", "http/1.1"] });
  expect(h2.text).toBe("h2 was negotiated\n");
});

test("the minimum version holds for the default certificate and for named ones", async () => {
  await using server = await startTls({
    certificates: [fallback, exact],
    minVersion: "TLSv1.3",
  });
  for (const servername of ["none.test", "www.example.com"]) {
    const old = await ask(server.port, { servername, maxVersion: "TLSv1.2" });
    expect(old.error).toContain("PROTOCOL_VERSION");
    expect((await ask(server.port, { servername })).facts?.version).toBe("TLSv1.3");
  }
  expect(server.refusals).toEqual(["tls_handshake_failed", "tls_handshake_failed"]);
});

test.skipIf(lacks("curl"))("TLS 1.0 and 1.1 are never spoken", async () => {
  await using server = await startTls({ certificates: [fallback] });
  const curl = Bun.spawn(
    [
      "curl",
      "-sk",
      "--tls-max",
      "1.1",
      "--tlsv1.0",
      "--ciphers",
      "DEFAULT@SECLEVEL=0",
      `https://127.0.0.1:${server.port}/`,
    ],
    { stdout: "ignore", stderr: "ignore" },
  );
  expect(await curl.exited).not.toBe(0);
});

test("a swap leaves open connections alone and new ones see the new certificate", async () => {
  await using server = await startTls({ certificates: [fallback, exact] });
  const renewed = authority.server(["www.example.com"], { commonName: "renewed" });
  const other = authority.server(["default.example"], { commonName: "other default" });

  const exchange = async (socket: ReturnType<typeof connectTls>): Promise<string> => {
    const reply = once(socket, "data");
    socket.write("more");
    const [chunk] = (await reply) as [Buffer];
    return chunk.toString();
  };
  const sockets = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      const socket = connectTls(server.port, i % 2 === 0 ? { servername: "www.example.com" } : {});
      await once(socket, "secureConnect");
      return socket;
    }),
  );
  await Promise.all(sockets.map(exchange));
  const racing = Array.from({ length: 10 }, () =>
    ask(server.port, { servername: "www.example.com" }),
  );
  server.store.replace(server.settings({ certificates: [other, renewed] }));

  for (const reply of await Promise.all(sockets.map(exchange))) expect(reply).toContain('"got":4');
  for (const answer of await Promise.all(racing)) expect(answer.facts?.got).toBe(4);
  expect((await ask(server.port, { servername: "www.example.com" })).shown).toBe("renewed");
  expect((await ask(server.port)).shown).toBe("other default");
  expect(sockets.filter((socket) => socket.destroyed)).toEqual([]);
  expect(sockets[0]?.getPeerCertificate().subject.CN).toBe("www.example.com");
  for (const socket of sockets) socket.destroy();
});

test("a swap to settings that cannot be served changes nothing", async () => {
  await using server = await startTls({ certificates: [fallback] });
  const broken = { certificate: exact.certificate, key: fallback.key, origin: "new.pem" };
  expect(() => server.store.replace(server.settings({ certificates: [broken] }))).toThrow(
    "new.pem: the private key does not belong",
  );
  expect((await ask(server.port)).shown).toBe("default.example");
});

test("sessions last over a swap that leaves the default certificate", async () => {
  await using server = await startTls({ certificates: [fallback, exact] });
  const servername = "www.example.com";
  const { session } = await ask(server.port, { servername });
  expect(session).toBeDefined();
  server.store.replace(server.settings({ certificates: [fallback, exact, wildcard] }));
  const again = await ask(server.port, { servername, session: session as Buffer });
  expect(again.resumed).toBe(true);
  expect(again.facts?.got).toBe(4);
});
