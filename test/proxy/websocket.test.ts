// WebSockets through the proxy: over HTTP/1.1 and HTTP/2, to a backend on HTTP/1.1. Both ends are the runtime's own.
import { connect } from "node:http2";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { proxy } from "../../src/proxy/proxy.ts";
import { serve } from "../../src/server/serve.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import type { SteeredOrigin } from "../support/steered-origin.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";

interface Peer {
  client: string;
}

const gone: (() => void)[] = [];
const backend = Bun.serve<Peer>({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, own) {
    const client = request.headers.get("x-forwarded-for") ?? "";
    const chosen = request.headers.get("sec-websocket-protocol")?.split(",")[0];
    const headers = chosen === undefined ? {} : { "Sec-WebSocket-Protocol": chosen };
    return own.upgrade(request, { data: { client }, headers }) ? undefined : new Response("no");
  },
  websocket: {
    message(socket, message) {
      if (message === "who") socket.send(socket.data.client);
      else if (message === "bye") socket.close(4001, "as asked");
      else socket.send(message);
    },
    close: () => gone.shift()?.(),
  },
});

type Server = Awaited<ReturnType<typeof serve>>;
let upstream: Upstream;
let server: Server;
let origin: SteeredOrigin;
let steered: Upstream;
let steeredServer: Server;
beforeAll(async () => {
  origin = await startSteeredOrigin();
  upstream = new Upstream({ name: "ws", backends: [`ws://127.0.0.1:${backend.port}`] });
  steered = new Upstream({
    name: "steered",
    backends: [origin.address],
    retry: { attempts: 1 },
  });
  server = await serve(appFor(upstream), { port: 0 });
  steeredServer = await serve(appFor(steered), { port: 0 });
});
afterAll(async () => {
  await Promise.all([server.close(), steeredServer.close()]);
  upstream.close();
  steered.close();
  await origin.close();
  await backend.stop(true);
});

const appFor = (target: Upstream) =>
  new App().add({ path: "/*", literal: true, handler: proxy(target) });

function open(protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/room`, protocols);
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => resolve(socket), { once: true });
    socket.addEventListener("error", reject, { once: true });
  });
}

const message = (socket: WebSocket) =>
  new Promise<unknown>((resolve) => {
    socket.addEventListener("message", ({ data }) => resolve(data), { once: true });
  });

test("text, a megabyte of bytes, a subprotocol, the client's address, a close code", async () => {
  const socket = await open(["chat", "other"]);
  expect(socket.protocol).toBe("chat");
  socket.send("héllo");
  expect(await message(socket)).toBe("héllo");
  const large = new Uint8Array(1 << 20).map((_, at) => at * 7);
  socket.send(large);
  expect(Buffer.from((await message(socket)) as ArrayBuffer).equals(large)).toBe(true);
  socket.send("who");
  expect(await message(socket)).toBe("127.0.0.1");
  const closed = new Promise<CloseEvent>((resolve) => {
    socket.addEventListener("close", resolve, { once: true });
  });
  socket.send("bye");
  expect(await closed).toMatchObject({ code: 4001, reason: "as asked" });
});

test("over HTTP/2, by extended CONNECT (RFC 8441)", async () => {
  const session = connect(`http://127.0.0.1:${server.port}`);
  await new Promise((resolve) => session.once("remoteSettings", resolve));
  const stream = session.request({
    ":method": "CONNECT",
    ":protocol": "websocket",
    ":path": "/room",
    "sec-websocket-version": "13",
  });
  const headers = await new Promise<Record<string, unknown>>((resolve) => {
    stream.once("response", resolve);
  });
  expect(headers[":status"]).toBe(200);
  expect(headers["sec-websocket-accept"]).toBeUndefined();
  // "hi", masked with zeros (RFC 6455 5.2).
  stream.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
  const frame = await new Promise<Buffer>((resolve) => {
    stream.once("data", resolve);
  });
  expect([...frame]).toEqual([0x81, 0x02, 0x68, 0x69]);
  session.destroy();
});

test("in which nothing is sent for long is given up on both sides, also when one has ended; others stay", async () => {
  const short = new Upstream({
    name: "short",
    backends: [origin.address],
    timeouts: { tunnelIdleMs: 1_000 },
  });
  const front = await serve(appFor(short), { port: 0 });
  const accept = `${switching}Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n`;
  try {
    const seen = origin.requests.length;
    for (const halfClose of [false, true]) {
      origin.next.push([{ send: accept }, { wait: 10_000 }]);
      const { text, closed } = await exchangeRaw(front.port, handshake, {
        quietMs: 5_000,
        halfClose,
      });
      expect(text).toStartWith("HTTP/1.1 101");
      expect(closed).toBe(true);
    }
    while (origin.requests.slice(seen).some((one) => !one.closed)) await Bun.sleep(5);
    const drip = Array.from({ length: 60 }, () => [{ send: "." }, { wait: 20 }] as const);
    origin.next.push([{ send: accept }, ...drip.flat(), { send: "end" }]);
    const { text } = await exchangeRaw(front.port, handshake, {
      quietMs: 5_000,
      until: (all) => all.endsWith("end"),
    });
    expect(text).toEndWith(`${".".repeat(60)}end`);
  } finally {
    await front.close();
    short.close();
  }
});

test("both sides are told when the server goes down, between two frames", async () => {
  const accept = `${switching}Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n`;
  const front = await serve(appFor(steered), { port: 0 });
  const codes: number[] = [];
  const peer = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, own) => (own.upgrade(request) ? undefined : new Response("no")),
    websocket: { message() {}, close: (_, code) => void codes.push(code) },
  });
  const target = new Upstream({ name: "peer", backends: [`127.0.0.1:${peer.port}`] });
  const other = await serve(appFor(target), { port: 0 });
  try {
    // A text of four bytes, of which two are sent before and two while it goes down.
    const seen = origin.requests.length;
    origin.next.push([
      { send: `${accept}\x81\x04ab` },
      { wait: 500 },
      { send: "cd" },
      { end: true },
    ]);
    const half = exchangeRaw(front.port, handshake, { quietMs: 5_000 });
    const socket = new WebSocket(`ws://127.0.0.1:${other.port}`);
    await new Promise((resolve) => (socket.onopen = resolve));
    const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve));
    while (origin.requests.length === seen) await Bun.sleep(5);
    await Bun.sleep(100);
    await Promise.all([other.drain(), front.drain()]);
    const { code, wasClean } = await closed;
    expect({ code, wasClean }).toEqual({ code: 1001, wasClean: true });
    expect((await half).text.split("\r\n\r\n")[1]).toBe("\x81\x04abcd\x88\x02\x03\xe9");
    while (codes.length === 0) await Bun.sleep(5);
    expect(codes).toEqual([1001]);
  } finally {
    await Promise.all([front.close(), other.close(), peer.stop(true)]);
    target.close();
  }
});

test("the backend is told when the client goes away", async () => {
  const socket = await open();
  const left = new Promise<void>((resolve) => gone.push(resolve));
  socket.close();
  await left;
});

const upgrade = (fields: readonly string[]) =>
  ["GET / HTTP/1.1", "Host: a.example", ...fields, "", ""].join("\r\n");
const handshake = upgrade([
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
]);
const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n";

test.each([
  ["a refusal is the backend's", "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", "403 no"],
  ["a plain answer makes no tunnel", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 ok"],
  [
    "a wrong accept",
    `${switching}Upgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n`,
    "502 bad_upgrade",
  ],
  ["another protocol", `${switching}Upgrade: h2c\r\n\r\n`, "502 bad_upgrade"],
])("%s, and what follows is HTTP", async (_, answer, expected) => {
  origin.next.push([{ send: answer }]);
  const { text } = await exchangeRaw(steeredServer.port, handshake + upgrade([]), {
    until: (all) => all.endsWith("hello"),
  });
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const code = /"code":"(\w+)"/.exec(body)?.[1] ?? body.slice(0, 2);
  expect(`${head.slice(9, 12)} ${code}`).toBe(expected);
  expect(text).toEndWith("\r\n\r\nhello");
});

test("any other upgrade is a request without one (CVE-2026-2833)", async () => {
  origin.requests.length = 0;
  const fields = [
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABk",
  ];
  const { text } = await exchangeRaw(steeredServer.port, upgrade(fields), {
    until: (all) => all.endsWith("hello"),
  });
  expect(text).toStartWith("HTTP/1.1 200 OK");
  expect(origin.requests[0]?.head).not.toMatch(/upgrade|http2-settings/i);
});

test("a handshake with content, or without a key, is refused here", async () => {
  for (const fields of [["Content-Length: 2"], ["Sec-WebSocket-Key: short"]]) {
    const raw = `${upgrade(["Connection: Upgrade", "Upgrade: websocket", ...fields])}hi`;
    const { text } = await exchangeRaw(steeredServer.port, raw);
    expect(text).toStartWith("HTTP/1.1 400");
  }
});
