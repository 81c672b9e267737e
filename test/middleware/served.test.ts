import { afterAll, beforeAll, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { sourceFrom } from "../../src/wire/source.ts";
import { upgradeWebSocket } from "../../src/core/websocket/upgrade-websocket.ts";
import * as layers from "../../src/middleware/index.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { exchangeRaw, parseResponses } from "../support/raw-client.ts";

let gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
const aborted = Promise.withResolvers<unknown>();
const closed = layers.maintenance();
const records: layers.RequestRecord[] = [];

async function* events() {
  for (const [index, gate] of gates.entries()) {
    await gate.promise;
    yield `data: ${index}\n\n`;
  }
}

// Everything there is, in the order that the guide recommends.
const app = new App()
  .use(
    layers.trustedProxy({ trust: ["10.0.0.0/8"] }),
    layers.requestId(),
    layers.logger({ log: (record) => records.push(record) }),
    layers.securityHeaders({ nonces: true }),
    layers.cors({ origin: "https://app.example", credentials: true }),
    closed,
    layers.ipFilter({ deny: ["192.0.2.0/24"] }),
    layers.rateLimit({ limit: 10_000 }),
    layers.timeout("1m"),
    layers.bodyLimit(1000),
    layers.methodOverride(),
    layers.rewrite([{ strip: "/api" }]),
    layers.compress(),
    layers.etag(),
    layers.cacheControl({ private: true, maxAge: "1m" }),
  )
  .get("/whoami", ({ ip, vars }) => `${ip} ${vars.requestId} ${vars.nonce.length}`)
  .get("/events", (c) => c.stream(events(), "text/event-stream"))
  .get("/many", (c) =>
    c.stream(sourceFrom(Array.from({ length: 400 }, (_, i) => `${i} words\n`)), "text/plain"),
  )
  .group([layers.timeout("20ms")], (inner) =>
    inner.get("/slow", ({ signal }) => {
      signal.addEventListener("abort", () => aborted.resolve(signal.reason));
      return new Promise(() => {});
    }),
  )
  .post("/echo", async (c) => c.text(await c.text()))
  .put("/echo", async (c) => c.text(`put ${await c.text()}`))
  .get("/ws", (c) =>
    upgradeWebSocket(c.exchange, { message: (ws, message) => ws.send(message) }, c),
  );

let server: Server;
let url = "";
beforeAll(async () => {
  server = await serve(app, { port: 0 });
  url = `http://127.0.0.1:${server.port}`;
});
afterAll(() => server.close());

test("all of it together answers a plain request", async () => {
  const headers = {
    "X-Forwarded-For": "10.9.9.9",
    "X-Request-Id": "mine",
    Origin: "https://app.example",
  };
  const answer = await fetch(`${url}/api/whoami?a=1`, { headers });
  const body = await answer.text();
  expect(body).toMatch(/^127\.0\.0\.1 [0-9a-f-]{36} 24$/);
  expect(answer.headers.get("x-request-id")).toBe(body.split(" ")[1] as string);
  expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example");
  expect(answer.headers.get("cache-control")).toBe("private, max-age=60");
  expect(answer.headers.get("ratelimit")).toMatch(/^"default";r=\d+;t=\d+$/);
  expect(answer.headers.get("etag")).toMatch(/^"/);
  expect(answer.headers.get("content-security-policy")).toContain("'nonce-");
  expect(records.at(-1)).toMatchObject({ target: "/api/whoami?a=1", status: 200 });
});

for (const [encoding, path] of [
  ["gzip", "/events"],
  ["br", "/events"],
  ["zstd", "/api/events"],
] as const) {
  test(`events through ${encoding} arrive while the stream is open`, async () => {
    gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    gates[0]?.resolve();
    const answer = await fetch(url + path, { headers: { "Accept-Encoding": encoding } });
    expect(answer.headers.get("content-encoding")).toBe(encoding);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (let n = 1; n <= 2; n++) {
      while (text.length < n * 9)
        text += decoder.decode((await reader.read()).value, { stream: true });
      gates[n]?.resolve();
    }
    expect(text).toBe("data: 0\n\ndata: 1\n\n");
    expect((await reader.read()).done).toBe(true);
  });
}

test("a stream of many pieces is whole", async () => {
  const text = await (await fetch(`${url}/many`)).text();
  expect(text.split("\n")).toHaveLength(401);
  expect(text).toEndWith("399 words\n");
});

test("HEAD has the fields of GET and no body", async () => {
  const answer = await fetch(`${url}/many`, {
    method: "HEAD",
    headers: { "Accept-Encoding": "br" },
  });
  expect(answer.headers.get("content-encoding")).toBe("br");
  expect(answer.headers.has("content-length")).toBe(false);
  expect(await answer.text()).toBe("");
});

test("a body over the limit is refused before it is asked for, or cut", async () => {
  const told =
    "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n";
  const refused = await exchangeRaw(server.port, Buffer.from(told));
  expect(parseResponses(refused.text).map(({ status }) => status)).toEqual([413]);
  const chunk = `64\r\n${"x".repeat(100)}\r\n`;
  const untold =
    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
  for (const [count, status] of [
    [10, 200],
    [11, 413],
    [500, 413],
  ] as const) {
    const sent = Buffer.from(`${untold}${chunk.repeat(count)}0\r\n\r\n`);
    const { text } = await exchangeRaw(server.port, sent);
    expect([count, parseResponses(text)[0]?.status]).toEqual([count, status]);
  }
});

test("a slow answer is 504, and its work is told", async () => {
  const answer = await fetch(`${url}/slow`);
  expect(answer.status).toBe(504);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await aborted.promise).toMatchObject({ code: "timeout" });
});

test("a POST becomes a PUT with its body", async () => {
  const headers = { "X-HTTP-Method-Override": "PUT" };
  const answer = await fetch(`${url}/api/echo`, { method: "POST", headers, body: "7" });
  expect(await answer.text()).toBe("put 7");
});

test("maintenance is switched while it serves", async () => {
  closed.active = true;
  expect((await fetch(`${url}/whoami`)).status).toBe(503);
  closed.active = false;
  expect((await fetch(`${url}/whoami`)).status).toBe(200);
});

test("a WebSocket opens through all of it, rewritten too", async () => {
  for (const path of ["/ws", "/api/ws"]) {
    const socket = new WebSocket(url.replace("http", "ws") + path);
    const answer = await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send("hello");
      socket.onmessage = ({ data }) => resolve(data);
      socket.onclose = ({ code }) => reject(new Error(`closed: ${code}`));
    });
    expect(answer).toBe("hello");
    socket.close();
  }
});
