import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import type { Context } from "../../src/core/context.ts";
import type { WebSocketOptions } from "../../src/core/websocket/options.ts";
import { upgradeWebSocket } from "../../src/core/websocket/upgrade-websocket.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { exchangeRaw, parseResponses } from "../support/raw-client.ts";
import { echo, echoApp, handshake, KEY } from "./harness.ts";

const listed: WebSocketOptions<Context> = { origin: ["https://app.example"] };
const judged: WebSocketOptions<Context> = { origin: (origin) => origin.endsWith(".example") };
const anybody: WebSocketOptions<Context> = { origin: "any" };
const broken: WebSocketOptions<Context> = { maxMessage: -1 };
const refusing: WebSocketOptions<Context, string> = {
  data: () => {
    throw new Error("no data");
  },
};

let server: Server;
beforeAll(async () => {
  const app = echoApp()
    .get("/listed", (c) => upgradeWebSocket(c.exchange, listed, c))
    .get("/judged", (c) => upgradeWebSocket(c.exchange, judged, c))
    .get("/any", (c) => upgradeWebSocket(c.exchange, anybody, c))
    .get("/broken", (c) => upgradeWebSocket(c.exchange, broken, c))
    .get("/refusing", (c) => upgradeWebSocket(c.exchange, refusing, c))
    .post("/echo", (c) => upgradeWebSocket(c.exchange, echo, c));
  server = await serve(app, { port: 0, host: "127.0.0.1" });
});
afterAll(() => server.close());

interface HandshakeCase {
  clause: string;
  name: string;
  send: string;
  status: number;
  has?: string;
  lacks?: string;
}

const good = handshake();
const without = (name: string): string => good.replace(new RegExp(`${name}:.*\r\n`), "");
const instead = (name: string, value: string): string =>
  good.replace(new RegExp(`${name}:.*\r\n`), `${name}: ${value}\r\n`);
const protocols = (value: string): string => handshake(`Sec-WebSocket-Protocol: ${value}\r\n`);
const origin = (value: string, path = "/echo"): string => handshake(`Origin: ${value}\r\n`, path);

// oxfmt-ignore
const cases: HandshakeCase[] = [
  { clause: "RFC 6455 4.2.2", name: "the key of the RFC", send: good, status: 101, has: "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", lacks: "Extensions" },
  { clause: "RFC 6455 4.2.1", name: "values in any case, among others", send: instead("Upgrade", "h2c, WebSocket").replace("Connection: Upgrade", "Connection: keep-alive, upgrade"), status: 101, has: "Upgrade: websocket" },
  { clause: "RFC 6455 4.2.1", name: "without Upgrade", send: without("Upgrade"), status: 426, has: "Upgrade: websocket" },
  { clause: "RFC 6455 4.2.1", name: "Upgrade to something else", send: instead("Upgrade", "h2c"), status: 426 },
  { clause: "RFC 6455 4.2.1", name: "Connection without upgrade", send: instead("Connection", "keep-alive"), status: 426 },
  { clause: "RFC 6455 4.2.1", name: "another method", send: good.replace("GET", "POST"), status: 426 },
  { clause: "RFC 6455 4.2.1", name: "HTTP/1.0", send: good.replace("HTTP/1.1", "HTTP/1.0"), status: 426 },
  { clause: "RFC 6455 4.2.1", name: "with content", send: handshake("Content-Length: 1\r\n") + "a", status: 400, has: "websocket_content" },
  { clause: "RFC 6455 4.2.1", name: "without a key", send: without("Sec-WebSocket-Key"), status: 400, has: "websocket_key" },
  { clause: "RFC 6455 4.1", name: "a key of 15 bytes", send: instead("Sec-WebSocket-Key", "YWFhYWFhYWFhYWFhYWFh"), status: 400, has: "websocket_key" },
  { clause: "RFC 6455 4.1", name: "a key that is not base64", send: instead("Sec-WebSocket-Key", "!".repeat(24)), status: 400 },
  { clause: "RFC 6455 11.3.1", name: "two keys", send: handshake(`Sec-WebSocket-Key: ${KEY}\r\n`), status: 400 },
  { clause: "RFC 6455 4.4", name: "an old version", send: instead("Sec-WebSocket-Version", "8"), status: 426, has: "Sec-WebSocket-Version: 13" },
  { clause: "RFC 6455 4.4", name: "two versions", send: handshake("Sec-WebSocket-Version: 8\r\n"), status: 426 },
  { clause: "RFC 6455 4.2.1", name: "no version", send: without("Sec-WebSocket-Version"), status: 400, has: "Sec-WebSocket-Version: 13" },
  { clause: "RFC 6455 4.2.2", name: "the first subprotocol of the client's that is spoken", send: protocols("soap, chat, echo"), status: 101, has: "Sec-WebSocket-Protocol: chat" },
  { clause: "RFC 6455 11.3.4", name: "subprotocols in two fields", send: handshake("Sec-WebSocket-Protocol: soap\r\nSec-WebSocket-Protocol: echo\r\n"), status: 101, has: "Sec-WebSocket-Protocol: echo" },
  { clause: "RFC 6455 4.2.2", name: "no subprotocol that is spoken", send: protocols("soap"), status: 101, lacks: "Sec-WebSocket-Protocol" },
  { clause: "RFC 6455 4.1", name: "a subprotocol twice", send: protocols("chat, chat"), status: 400, has: "websocket_protocol" },
  { clause: "RFC 6455 4.1", name: "a subprotocol that is no token", send: protocols("ch at"), status: 400 },
  { clause: "RFC 6455 9.1", name: "a malformed extension", send: handshake("Sec-WebSocket-Extensions: ;a\r\n"), status: 400, has: "websocket_extensions" },
  { clause: "RFC 6455 9.1", name: "an unknown extension", send: handshake("Sec-WebSocket-Extensions: foo\r\n"), status: 101, lacks: "Extensions" },
  { clause: "RFC 7692 7.1", name: "permessage-deflate", send: handshake("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"), status: 101, has: "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover" },
  { clause: "RFC 6455 10.2", name: "the own origin", send: origin("http://a.example"), status: 101 },
  { clause: "RFC 6455 10.2", name: "the own origin in other letters, over TLS before us", send: origin("https://A.Example:443"), status: 101 },
  { clause: "RFC 6455 10.2", name: "a foreign origin", send: origin("http://evil.example"), status: 403, has: "websocket_origin" },
  { clause: "RFC 6455 10.2", name: "another port is another origin", send: origin("http://a.example:8080"), status: 403 },
  { clause: "RFC 6455 10.2", name: "no origin a browser would name", send: origin("null"), status: 403 },
  { clause: "RFC 6455 10.2", name: "an origin that only begins like ours", send: origin("http://a.example.evil.example"), status: 403 },
  { clause: "RFC 6455 10.2", name: "two origins", send: handshake("Origin: http://a.example\r\nOrigin: http://evil.example\r\n"), status: 403 },
  { clause: "RFC 6455 10.2", name: "an origin of the list", send: origin("https://app.example", "/listed"), status: 101 },
  { clause: "RFC 6455 10.2", name: "an origin that is not of the list", send: origin("http://a.example", "/listed"), status: 403 },
  { clause: "RFC 6455 10.2", name: "an origin that a function takes", send: origin("https://b.example", "/judged"), status: 101 },
  { clause: "RFC 6455 10.2", name: "an origin that a function refuses", send: origin("https://b.test", "/judged"), status: 403 },
  { clause: "RFC 6455 10.2", name: "any origin", send: origin("null", "/any"), status: 101 },
  { clause: "our own", name: "a setting that cannot be", send: handshake("", "/broken"), status: 500 },
  { clause: "our own", name: "data that throws", send: handshake("", "/refusing"), status: 500 },
];

/** Whether an answer has come, with its content. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /content-length: (\d+)/i.exec(text)?.[1] ?? "0";
  return text.length >= end + 4 + Number(length);
}

describe.concurrent("the opening handshake", () => {
  for (const { clause, name, send, status, has, lacks } of cases) {
    test(`${clause}: ${name}`, async () => {
      const { text } = await exchangeRaw(server.port, send, { quietMs: 20_000, until: isWhole });
      const [answer] = parseResponses(
        text.slice(0, status === 101 ? text.indexOf("\r\n\r\n") + 4 : undefined),
      );
      expect(answer?.status).toBe(status);
      const seen = `${answer?.head}\r\n${answer?.body}`;
      if (has !== undefined) expect(seen).toContain(has);
      if (lacks !== undefined) expect(seen).not.toContain(lacks);
    });
  }
});

test("further headers are in the answer", async () => {
  const app = new App().get("/", (c) => {
    c.headers.append("Set-Cookie", "a=b");
    return upgradeWebSocket(c.exchange, echo, c, { headers: c.headers });
  });
  const own = await serve(app, { port: 0, host: "127.0.0.1" });
  const { text } = await exchangeRaw(own.port, handshake("", "/"), { until: isWhole });
  await own.close();
  expect(text).toStartWith("HTTP/1.1 101 ");
  expect(text).toContain("Set-Cookie: a=b\r\n");
});
