// PROXY headers before HTTP: the client's address is the header's, on plain and TLS listeners.
import { connect as connectH2 } from "node:http2";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { createDevelopmentCertificate, serve } from "../../src/server/index.ts";
import { writeBinaryHeader } from "../../src/wire/proxy-protocol/write-proxy-header.ts";
import { exchangeRaw } from "../support/raw-client.ts";

const app = new App().get("/", ({ ip, exchange }) => {
  const { remotePort, localAddress, localPort } = exchange.connection;
  return `${ip} ${remotePort} ${localAddress} ${localPort}`;
});
const refused: string[] = [];
const observer = { refused: ({ code }: { code: string }) => void refused.push(code) };
const certificate = createDevelopmentCertificate({ names: ["localhost"] });
let plain: Awaited<ReturnType<typeof serve>>;
let secure: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  const proxyProtocol = ["loopback"];
  plain = await serve(app, { port: 0, proxyProtocol, observer });
  const tls = { certificates: [certificate] };
  secure = await serve(app, { port: 0, proxyProtocol, observer, tls, http3: false });
});
afterAll(() => Promise.all([plain.close(), secure.close()]));

const request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const line = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n";
const binary = Buffer.from(
  writeBinaryHeader({
    source: { address: "2001:db8::7", port: 4712 },
    destination: { address: "2001:db8::1", port: 80 },
  }),
).toString("latin1");

test.each([
  ["version 1", line, "192.0.2.7 4711 198.51.100.1 443"],
  ["version 2", binary, "2001:db8::7 4712 2001:db8::1 80"],
])("%s, whole and byte by byte", async (_, header, expected) => {
  for (const split of ["whole", "bytes"] as const) {
    const { text } = await exchangeRaw(plain.port, header + request, { split, quietMs: 2_000 });
    expect(text).toEndWith(`\r\n\r\n${expected}`);
  }
});

test("a proxy that speaks for itself is the client", async () => {
  const { text } = await exchangeRaw(plain.port, `PROXY UNKNOWN\r\n${request}`, { quietMs: 2_000 });
  expect(text).toContain("\r\n\r\n127.0.0.1 ");
});

test.each([
  ["none", request, "proxy_header_missing"],
  ["a broken one", `PROXY TCP4 999.1.1.1 1.2.3.4 1 2\r\n${request}`, "proxy_header_malformed"],
  ["one that has no end", `PROXY ${"x".repeat(200)}`, "proxy_header_too_large"],
])("%s is refused without an answer", async (_, text, code) => {
  refused.length = 0;
  expect(await exchangeRaw(plain.port, text, { quietMs: 2_000 })).toEqual({
    text: "",
    closed: true,
  });
  expect(refused).toEqual([code]);
});

test("of whoever is not trusted none is believed", async () => {
  const strict = await serve(app, { port: 0, proxyProtocol: ["192.0.2.0/24"], observer });
  refused.length = 0;
  const { text } = await exchangeRaw(strict.port, line + request, { quietMs: 2_000 });
  expect([text, refused[0]]).toEqual(["", "proxy_header_untrusted"]);
  await strict.close();
});

/** A TLS connection that begins with a header. */
function openTls(alpn: string, header: string) {
  const raw = connect(secure.port, "127.0.0.1");
  raw.write(header, "latin1");
  return connectTls({ socket: raw, ALPNProtocols: [alpn], rejectUnauthorized: false });
}

test("before a TLS handshake, HTTP/1.1 and HTTP/2", async () => {
  const socket = openTls("http/1.1", line);
  socket.write(request);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  expect(text).toEndWith("\r\n\r\n192.0.2.7 4711 198.51.100.1 443");

  const session = connectH2(`https://localhost`, { createConnection: () => openTls("h2", binary) });
  const stream = session.request({ ":path": "/" });
  let body = "";
  for await (const chunk of stream) body += String(chunk);
  expect(body).toBe("2001:db8::7 4712 2001:db8::1 80");
  session.destroy();
});

test("a handshake without one is refused", async () => {
  refused.length = 0;
  const failed = await fetch(`https://127.0.0.1:${secure.port}/`, {
    tls: { rejectUnauthorized: false },
  }).catch(() => "failed");
  expect([failed, refused]).toEqual(["failed", ["proxy_header_missing"]]);
});
