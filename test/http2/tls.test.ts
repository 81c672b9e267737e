import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";
import { connect } from "node:http2";
import { App } from "../../src/core/app.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { createTestAuthority } from "../support/certificates.ts";

const authority = createTestAuthority();
const alice = authority.client("alice");
let server: Server;
let session: ClientHttp2Session;

beforeAll(async () => {
  const app = new App().get("/", (c) => ({
    protocol: c.exchange.protocol,
    scheme: c.exchange.scheme,
    alpn: c.exchange.connection.tls?.alpn,
    subject: c.exchange.connection.tls?.clientCertificate?.subject,
  }));
  server = await serve(app, {
    port: 0,
    http3: false,
    // Another process has HTTP/3 on this port.
    http3Elsewhere: true,
    tls: {
      certificates: [authority.server(["a.example", "*.wild.example"])],
      clientCa: authority.certificate,
      clientAuth: "optional",
      hstsSeconds: 60,
    },
  });
  session = open({ cert: alice.certificate, key: alice.key });
});
afterAll(async () => {
  session.destroy();
  await server.close();
});

function open(credentials: { cert?: string; key?: string }): ClientHttp2Session {
  return connect(`https://127.0.0.1:${server.port}`, {
    ca: authority.certificate,
    servername: "a.example",
    ...credentials,
  });
}

async function ask(
  on: ClientHttp2Session,
  headers: Record<string, string>,
): Promise<{ headers: IncomingHttpHeaders; text: string }> {
  const stream = on.request({ ":path": "/", ":scheme": "https", ...headers });
  const answer = new Promise<IncomingHttpHeaders>((resolve, reject) => {
    stream.on("response", resolve);
    stream.on("error", reject);
  });
  let text = "";
  for await (const chunk of stream) text += chunk;
  return { headers: await answer, text };
}

test("the client's certificate is seen on HTTP/2", async () => {
  const { text } = await ask(session, { ":authority": "a.example" });
  expect(JSON.parse(text)).toEqual({
    protocol: "HTTP/2",
    scheme: "https",
    alpn: "h2",
    subject: "CN=alice,O=Test",
  });
});

test("and so is that there is none", async () => {
  const anonymous = open({});
  const { text } = await ask(anonymous, { ":authority": "a.example" });
  expect(JSON.parse(text).subject).toBeUndefined();
  anonymous.destroy();
});

test("a host that the connection's certificate does not cover: 421, and the others go on", async () => {
  for (const [host, status] of [
    ["b.example", 421],
    ["x.wild.example", 200],
    ["x.y.wild.example", 421],
    ["A.EXAMPLE:8443", 200],
  ] as const) {
    const { headers } = await ask(session, { ":authority": host });
    expect([host, Number(headers[":status"])]).toEqual([host, status]);
  }
});

test("a scheme that is not the connection's: 421 (RFC 9110 7.4)", async () => {
  const { headers } = await ask(session, { ":authority": "a.example", ":scheme": "http" });
  expect(Number(headers[":status"])).toBe(421);
});

test("answers say where HTTP/3 is, and that TLS is to stay", async () => {
  for (const host of ["a.example", "b.example"]) {
    const { headers } = await ask(session, { ":authority": host });
    expect(headers["alt-svc"]).toBe(`h3=":${server.port}"; ma=86400`);
    expect(headers["strict-transport-security"]).toBe("max-age=60");
  }
});
