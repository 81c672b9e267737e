import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { connect } from "node:http2";
import { App } from "../../src/core/app.ts";
import type { Context } from "../../src/core/context.ts";
import type { WebSocketOptions } from "../../src/core/websocket/options.ts";
import { Rooms } from "../../src/core/websocket/rooms.ts";
import { upgradeWebSocket } from "../../src/core/websocket/upgrade-websocket.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { binary, close, frame, inWords, parseFrames, ping, text } from "./frames.ts";
import { echo } from "./harness.ts";
import { until } from "./raw-socket.ts";

const rooms = new Rooms();
const closes: number[] = [];
const route: WebSocketOptions<Context> = {
  ...echo,
  rooms,
  open: (ws) => ws.subscribe("all"),
  close: (_ws, code) => void closes.push(code),
};

let server: Server;
let session: ClientHttp2Session;
beforeAll(async () => {
  const app = new App().add({
    path: "/echo",
    methods: ["GET", "CONNECT"],
    handler: (c) => upgradeWebSocket(c.exchange, route, c),
  });
  server = await serve(app, { port: 0, host: "127.0.0.1" });
  session = connect(`http://127.0.0.1:${server.port}`);
  await new Promise((resolve) => session.once("remoteSettings", resolve));
});
afterAll(async () => {
  session.destroy();
  await server.close();
});

interface Opened {
  stream: ClientHttp2Stream;
  status: number;
  headers: Record<string, unknown>;
  words(): string[];
  ended(): boolean;
}

async function open(more: Record<string, string> = {}): Promise<Opened> {
  const stream = session.request(
    {
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":path": "/echo",
      ":scheme": "http",
      "sec-websocket-version": "13",
      ...more,
    },
    { endStream: false },
  );
  const chunks: Buffer[] = [];
  let ended = false;
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => (ended = true));
  stream.on("error", () => (ended = true));
  const headers = await new Promise<Record<string, unknown>>((resolve) =>
    stream.once("response", resolve),
  );
  return {
    stream,
    status: Number(headers[":status"]),
    headers,
    words() {
      try {
        return inWords(parseFrames(Buffer.concat(chunks)));
      } catch {
        return [];
      }
    },
    ended: () => ended,
  };
}

describe("RFC 8441: WebSocket on a stream of HTTP/2", () => {
  test("the server says that it can", () => {
    expect(session.remoteSettings?.enableConnectProtocol).toBe(true);
  });

  test("echo, ping, close; no key is needed and none is answered", async () => {
    const one = await open({ "sec-websocket-protocol": "chat" });
    expect(one.status).toBe(200);
    expect(one.headers["sec-websocket-protocol"]).toBe("chat");
    expect(one.headers["sec-websocket-accept"]).toBeUndefined();
    one.stream.write(text("Hello"));
    one.stream.write(Buffer.concat([binary("x".repeat(100_000)), ping("p")]));
    await until(() => one.words().length === 3);
    expect(one.words()).toEqual(["text Hello", "binary of 100000", "pong p"]);
    one.stream.write(close(1000));
    await until(() => one.ended());
    expect(one.words().at(-1)).toBe("close 1000");
    one.stream.end();
    await until(() => closes.includes(1000));
  });

  test("two on one connection, in one room; a reset takes one out of it", async () => {
    const one = await open();
    const two = await open();
    await until(() => rooms.count("all") === 2);
    expect(rooms.publish("all", "news")).toBe(2);
    await until(() => one.words().length === 1 && two.words().length === 1);
    one.stream.close(8);
    await until(() => rooms.count("all") === 1);
    expect(closes.at(-1)).toBe(1006);
    two.stream.end(close(1000));
    await until(() => rooms.count("all") === 0);
  });

  test("a fault ends the stream and not the connection", async () => {
    const one = await open();
    one.stream.write(frame(1, "a", { masked: false }));
    await until(() => one.ended());
    expect(one.words()).toEqual(["close 1002"]);
    one.stream.end();
    const two = await open();
    two.stream.write(text("still here"));
    await until(() => two.words().length === 1);
    two.stream.end(close());
    await until(() => two.ended());
  });

  test("refusals are plain answers", async () => {
    expect((await open({ "sec-websocket-version": "8" })).status).toBe(426);
    expect((await open({ origin: "http://evil.example" })).status).toBe(403);
    expect((await open({ ":protocol": "connect-udp" })).status).toBe(426);
    const stream = session.request({ ":path": "/echo" });
    const headers = await new Promise<Record<string, unknown>>((resolve) =>
      stream.once("response", resolve),
    );
    expect(headers[":status"]).toBe(426);
    stream.close();
  });

  test("a server that goes down says so", async () => {
    const one = await open();
    await until(() => rooms.count("all") === 1);
    const drained = server.drain();
    await until(() => one.words().length === 1);
    expect(one.words()).toEqual(["close 1001"]);
    one.stream.end(close(1001));
    await drained;
    expect(server.connections).toBe(0);
  });
});
