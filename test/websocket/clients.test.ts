import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect as connectTls } from "node:tls";
import { chromium } from "playwright-core";
import { App } from "../../src/core/app.ts";
import type { Context } from "../../src/core/context.ts";
import type { WebSocketOptions } from "../../src/core/websocket/options.ts";
import { Rooms } from "../../src/core/websocket/rooms.ts";
import { upgradeWebSocket } from "../../src/core/websocket/upgrade-websocket.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { lacks } from "../support/programs.ts";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";
import { binary, close, inWords, parseFrames } from "./frames.ts";
import { handshake } from "./harness.ts";
import { until } from "./raw-socket.ts";

const MESSAGES = 1_000;

const compressed: WebSocketOptions<Context> = {
  message: (ws, message) => ws.send(message),
  protocols: ["chat"],
  compress: { threshold: 0 },
  maxMessage: 1024 * 1024,
  // A thousand messages are on their way at once.
  maxBuffered: 64 * 1024 * 1024,
};
const { compress: _, ...plain } = compressed;

const rooms = new Rooms();
const chat: WebSocketOptions<Context> = {
  rooms,
  open: (ws) => ws.subscribe("chat"),
  message: (ws, message) => ws.publish("chat", message),
};

let server: Server;
let url: string;
beforeAll(async () => {
  const app = new App()
    .get("/plain", (c) => upgradeWebSocket(c.exchange, plain, c))
    .get("/compressed", (c) => upgradeWebSocket(c.exchange, compressed, c))
    .get("/chat", (c) => upgradeWebSocket(c.exchange, chat, c))
    .get("/", (c) => c.html("<!doctype html><title>chat</title>"));
  server = await serve(app, { port: 0, host: "127.0.0.1" });
  url = `127.0.0.1:${server.port}`;
});
afterAll(() => server.close());

describe("the ws package on Node", () => {
  for (const path of ["plain", "compressed"]) {
    test(`${MESSAGES} messages, ${path}`, async () => {
      const script = new URL("ws-client.mjs", import.meta.url).pathname;
      const compress = String(path === "compressed");
      const client = Bun.spawn(
        ["node", script, `ws://${url}/${path}`, String(MESSAGES), compress],
        { stdout: "pipe", stderr: "inherit" },
      );
      const seen: unknown = JSON.parse(await new Response(client.stdout).text());
      expect(seen).toEqual({
        extensions: path === "compressed" ? "permessage-deflate" : "",
        protocol: "chat",
        wrong: 0,
        echoed: MESSAGES + 1,
        pong: "between",
        code: 4321,
        reason: "thanks",
      });
      await until(() => server.connections === 0);
    }, 30_000);
  }
});

describe("Bun's own client", () => {
  for (const path of ["plain", "compressed"]) {
    test(`${MESSAGES} messages, ${path}`, async () => {
      const socket = new WebSocket(`ws://${url}/${path}`);
      const expected = Array.from({ length: MESSAGES }, (_, i) => `${i} ${"é".repeat(i)}`);
      const received: unknown[] = [];
      socket.onopen = () => {
        for (const message of expected) socket.send(message);
      };
      socket.onmessage = ({ data }) => received.push(data);
      await until(() => received.length === MESSAGES);
      expect(received).toEqual(expected);
      expect(socket.extensions.startsWith("permessage-deflate")).toBe(path === "compressed");
      const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve));
      socket.close(1000, "thanks");
      expect(await closed).toMatchObject({ code: 1000, reason: "thanks", wasClean: true });
    });
  }
});

test("over TLS: echo, and a peer that ends its side first", async () => {
  const certificate = createDevelopmentCertificate({ names: ["localhost"], days: 10 });
  const app = new App().get("/", (c) => upgradeWebSocket(c.exchange, compressed, c));
  const tls = { certificates: [certificate] };
  const secure = await serve(app, { port: 0, host: "127.0.0.1", http3: false, tls });
  const socket = connectTls({ port: secure.port, host: "127.0.0.1", rejectUnauthorized: false });
  const chunks: Buffer[] = [];
  let closed = false;
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("close", () => (closed = true));
  socket.write(handshake("", "/").replace("a.example", "localhost"));
  await until(() => Buffer.concat(chunks).includes("\r\n\r\n"));
  socket.pause();
  for (let i = 0; i < 8; i++) socket.write(binary("x".repeat(900_000)));
  socket.end(close(1000));
  await Bun.sleep(200);
  socket.resume();
  await until(() => closed);
  const all = Buffer.concat(chunks);
  const frames = inWords(parseFrames(all.subarray(all.indexOf("\r\n\r\n") + 4)));
  expect(frames).toEqual([...Array<string>(8).fill("binary of 900000"), "close 1000"]);
  await until(() => secure.connections === 0);
  await secure.close();
}, 30_000);

// Runs in the page.
const echoInPage = `async (path) => {
  const socket = new WebSocket("ws://" + location.host + path);
  socket.binaryType = "arraybuffer";
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
  const sent = Array.from({ length: ${MESSAGES} }, (_, i) =>
    i % 2 ? new Uint8Array(i * 3).fill(i) : i + " " + "é€𝄞".repeat(i));
  let at = 0, wrong = 0;
  const done = new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      const expected = sent[at++];
      const same = typeof data === "string" ? data === expected
        : data.byteLength === expected.byteLength && new Uint8Array(data).every((b, i) => b === expected[i]);
      if (!same) wrong++;
      if (at === sent.length) resolve();
    };
  });
  for (const message of sent) socket.send(message);
  await done;
  const closed = new Promise((resolve) => (socket.onclose = resolve));
  socket.close(3456, "danke ✓");
  const { code, reason, wasClean } = await closed;
  return { at, wrong, extensions: socket.extensions, code, reason, wasClean };
}`;

test.skipIf(lacks("chromium"))(
  "Chromium: echo with and without compression, two pages that chat, a page from elsewhere",
  async () => {
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    });
    try {
      const one = await browser.newPage();
      const two = await browser.newPage();
      await one.goto(`http://${url}/`);
      await two.goto(`http://${url}/`);
      for (const path of ["/plain", "/compressed"]) {
        const seen = await one.evaluate(`(${echoInPage})("${path}")`);
        expect(seen).toEqual({
          at: MESSAGES,
          wrong: 0,
          extensions:
            path === "/plain"
              ? ""
              : "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
          code: 3456,
          reason: "danke ✓",
          wasClean: true,
        });
      }
      const join = `new Promise((resolve) => {
        window.heard = [];
        window.chat = new WebSocket("ws://" + location.host + "/chat");
        window.chat.onmessage = ({ data }) => window.heard.push(data);
        window.chat.onopen = () => resolve();
      })`;
      await one.evaluate(join);
      await two.evaluate(join);
      await one.evaluate(`window.chat.send("hello from one")`);
      await two.waitForFunction("window.heard.length === 1");
      expect(await two.evaluate("window.heard")).toEqual(["hello from one"]);
      expect(await one.evaluate("window.heard")).toEqual([]);
      await two.close();
      await until(() => rooms.count("chat") === 1);

      // Another name for this host is another origin: the page may not speak for its visitor here.
      await one.goto(`http://localhost:${server.port}/`);
      await until(() => rooms.count("chat") === 0);
      const foreign = await one.evaluate(`new Promise((resolve) => {
        const socket = new WebSocket("ws://${url}/chat");
        socket.onopen = () => resolve("open");
        socket.onclose = ({ code }) => resolve(code);
      })`);
      expect(foreign).toBe(1006);
    } finally {
      await browser.close();
    }
  },
  60_000,
);
