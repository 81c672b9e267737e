import { afterEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import type { Socket } from "node:net";
import type { Limits } from "../../src/server/limits.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { echoApp } from "../support/echo-app.ts";
import { exchangeRaw, parseResponses } from "../support/raw-client.ts";
import { sourceFrom } from "../../src/wire/source.ts";
import { Reply } from "../../src/core/reply.ts";

let server: Server;
const refusals: string[] = [];

async function start(limits: Partial<Limits>): Promise<number> {
  refusals.length = 0;
  const endless = function* () {
    for (;;) yield new Uint8Array(64 * 1024);
  };
  const app = echoApp()
    .get("/endless", () => new Reply(sourceFrom(endless())))
    .get("/never", () => new Promise<string>(() => {}));
  server = await serve(app, {
    port: 0,
    limits,
    observer: { refused: (one) => refusals.push(one.code) },
  });
  return server.port;
}
afterEach(() => server.close());

/** Everything a connection gets until the server ends it. */
function untilClosed(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  socket.on("error", () => {});
  return new Promise((resolve) => socket.on("close", () => resolve(text)));
}

function open(port: number, address = "127.0.0.1"): Socket {
  return connect({ port, host: "127.0.0.1", localAddress: address });
}

const statusOf = (text: string) => parseResponses(text).map((answer) => answer.status);

describe("time", () => {
  test("a head that is not complete in time: 408", async () => {
    const socket = open(await start({ headerTimeoutMs: 100 }));
    socket.write("GET / HTTP/1.1\r\nHost: a");
    expect(statusOf(await untilClosed(socket))).toEqual([408]);
    expect(refusals).toEqual(["header_timeout"]);
  });

  test("a connection without a next request is closed", async () => {
    const socket = open(await start({ keepAliveMs: 100 }));
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(statusOf(await untilClosed(socket))).toEqual([200]);
    expect(refusals).toEqual([]);
  });

  test("a connection that says nothing at all is closed", async () => {
    const socket = open(await start({ keepAliveMs: 100 }));
    expect(await untilClosed(socket)).toBe("");
  });

  test("an answer that does not come in time: 503, and the handler is told", async () => {
    const socket = open(await start({ requestMs: 100 }));
    socket.write("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(statusOf(await untilClosed(socket))).toEqual([503]);
    expect(refusals).toEqual(["request_timeout"]);
  });

  test("content that stops coming: 408", async () => {
    const socket = open(await start({ idleMs: 100 }));
    socket.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    expect(statusOf(await untilClosed(socket))).toEqual([408]);
    expect(refusals).toEqual(["body_timeout"]);
  });

  test("content below the minimum rate: 408, although it never stops", async () => {
    const socket = open(await start({ minBodyRate: 1_000, bodyRateGraceMs: 100, idleMs: 5_000 }));
    socket.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n");
    const timer = setInterval(() => socket.write("x"), 20);
    expect(statusOf(await untilClosed(socket))).toEqual([408]);
    clearInterval(timer);
  });

  test("content that is slow but within the rate is taken", async () => {
    const socket = open(await start({ minBodyRate: 100, bodyRateGraceMs: 100, idleMs: 5_000 }));
    socket.write(
      "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 200\r\n\r\n",
    );
    let left = 200;
    const timer = setInterval(() => {
      socket.write("x".repeat(10));
      left -= 10;
      if (left === 0) clearInterval(timer);
    }, 30);
    expect(statusOf(await untilClosed(socket))).toEqual([200]);
  });

  test("a client that does not read its answer is cut", async () => {
    const port = await start({ minBodyRate: 1_000_000, bodyRateGraceMs: 200 });
    const socket = open(port);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {});
    socket.pause();
    socket.write("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
    while (!refusals.includes("slow_reader")) await Bun.sleep(20);
    socket.resume();
    await closed;
    expect(server.connections).toBe(0);
  });
});

describe("number", () => {
  test("connections over the limit are turned away, and there is room again when one leaves", async () => {
    const port = await start({ connections: 2 });
    const first = open(port);
    const second = open(port);
    await Promise.all(
      [first, second].map((one) => new Promise((resolve) => one.on("connect", resolve))),
    );
    while (server.connections < 2) await Bun.sleep(5);
    expect(await untilClosed(open(port))).toBe("");
    expect(refusals).toEqual(["too_many_connections"]);
    first.destroy();
    while (server.connections > 1) await Bun.sleep(5);
    const { text } = await exchangeRaw(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(statusOf(text)).toEqual([200]);
    second.destroy();
  });

  test("connections from one address over the limit are turned away, others are not", async () => {
    const port = await start({ connectionsPerClient: 1 });
    const mine = open(port, "127.0.0.2");
    await new Promise((resolve) => mine.on("connect", resolve));
    while (server.connections < 1) await Bun.sleep(5);
    expect(await untilClosed(open(port, "127.0.0.2"))).toBe("");
    expect(refusals).toEqual(["too_many_from_client"]);
    const { text } = await exchangeRaw(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(statusOf(text)).toEqual([200]);
    mine.destroy();
  });

  test("requests on one connection over the limit: the last answer closes it", async () => {
    const port = await start({ requestsPerConnection: 2 });
    const { text, closed } = await exchangeRaw(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3));
    expect([statusOf(text), closed]).toEqual([[200, 200], true]);
    expect(parseResponses(text)[1]?.headers.get("connection")).toEqual(["close"]);
  });
});

describe("a body that fails in the middle is an error the client sees", () => {
  for (const [path, what] of [
    ["/broken", "no last chunk"],
    ["/short", "fewer bytes than Content-Length"],
    ["/overlong", "closed within its length"],
  ] as const) {
    test(`${path}: ${what}`, async () => {
      const socket = open(await start({}));
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const text = await untilClosed(socket);
      expect(text.endsWith("0\r\n\r\n")).toBe(false);
      expect(() => parseResponses(text)).toThrow();
    });
  }
});

test("a handler that throws is a plain 500", async () => {
  const { text } = await exchangeRaw(await start({}), "GET /throws HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(statusOf(text)).toEqual([500]);
  expect(text).not.toContain("secret");
});
