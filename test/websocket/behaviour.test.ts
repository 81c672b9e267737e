import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import { App } from "../../src/core/app.ts";
import type { Context } from "../../src/core/context.ts";
import type { WebSocketOptions } from "../../src/core/websocket/options.ts";
import { Rooms } from "../../src/core/websocket/rooms.ts";
import { upgradeWebSocket } from "../../src/core/websocket/upgrade-websocket.ts";
import type { WebSocketConnection } from "../../src/core/websocket/websocket-connection.ts";
import type { Schema } from "../../src/core/spec/standard-schema.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { binary, close, deflated, frame, ping, text } from "./frames.ts";
import { RawWebSocket, until } from "./raw-socket.ts";

let server: Server;
afterEach(() => server.close());

async function start<D = undefined, S extends Schema | undefined = undefined>(
  options: WebSocketOptions<Context, D, S>,
): Promise<number> {
  const app = new App().get("/", (c) => upgradeWebSocket(c.exchange, options, c));
  server = await serve(app, { port: 0, host: "127.0.0.1", drainMs: 8_000 });
  return server.port;
}

describe("handlers", () => {
  test("open, messages in order, close, each after the one before", async () => {
    const seen: string[] = [];
    const port = await start({
      data: (c) => ({ query: c.exchange.query }),
      async open(ws) {
        await Bun.sleep(20);
        seen.push(`open ${ws.data.query}`);
      },
      async message(_ws, message) {
        await Bun.sleep(message === "1" ? 20 : 0);
        seen.push(`message ${String(message)}`);
      },
      close(ws, code, reason) {
        seen.push(`close ${code} ${reason} ${ws.readyState}`);
      },
    });
    const client = await RawWebSocket.open(port, "/?a");
    client.send(text("1"), text("2"), text("3"), close(4000, "done"));
    await until(() => seen.length === 5);
    expect(seen).toEqual(["open a", "message 1", "message 2", "message 3", "close 4000 done 3"]);
  });

  test("a ping is answered while a handler is waited for", async () => {
    let release: () => void = () => {};
    const port = await start({
      message: () => new Promise<void>((resolve) => (release = resolve)),
    });
    const client = await RawWebSocket.open(port);
    client.send(text("1"), ping("there?"));
    await until(() => client.words.includes("pong there?"));
    release();
  });

  test("one that is behind stops the reading, and nothing is lost", async () => {
    const gate = Promise.withResolvers<void>();
    let received = 0;
    const port = await start({
      maxMessage: 70_000,
      async message() {
        received++;
        if (received === 1) await gate.promise;
      },
    });
    const client = await RawWebSocket.open(port);
    const message = binary(new Uint8Array(65_536));
    const count = 600;
    for (let i = 0; i < count; i++) client.send(message);
    await Bun.sleep(200);
    // 39 MB are more than the system's buffers hold.
    expect(client.socket.writableLength).toBeGreaterThan(0);
    expect(received).toBe(1);
    gate.resolve();
    await until(() => received === count);
  });

  test("one that is behind stops the reading within what has come, bombs or not", async () => {
    const gate = Promise.withResolvers<void>();
    const port = await start({
      compress: true,
      maxMessage: 65_536,
      async message(ws, message) {
        await gate.promise;
        ws.sendJson(message.length);
      },
    });
    const offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    const client = await RawWebSocket.open(port, "/", offer);
    const bomb = frame(1, deflated("x".repeat(65_536)), { rsv: 0x40 });
    client.send(ping("before"), bomb, bomb, bomb, ping("behind"));
    await until(() => client.words.length === 1);
    await Bun.sleep(30);
    expect(client.words).toEqual(["pong before"]);
    gate.resolve();
    await until(() => client.words.length === 5);
    expect(client.words.toSorted()).toEqual([
      "pong before",
      "pong behind",
      "text 65536",
      "text 65536",
      "text 65536",
    ]);
  });

  test("one that throws ends the connection with 1011", async () => {
    const errors: unknown[] = [];
    const port = await start({
      message() {
        throw new Error("broken");
      },
      error: (_ws, error) => errors.push(error),
    });
    const client = await RawWebSocket.open(port);
    client.send(text("1"), text("2"));
    await until(() => client.words.length > 0);
    expect(client.words).toEqual(["close 1011"]);
    expect(errors).toHaveLength(1);
    client.send(close(1011));
    await until(() => client.closed);
  });

  test("one that rejects does too", async () => {
    const errors: unknown[] = [];
    const port = await start({
      open: () => Promise.reject(new Error("broken")),
      error: (_ws, error) => errors.push(error),
    });
    const client = await RawWebSocket.open(port);
    await until(() => client.words.length > 0);
    expect(client.words).toEqual(["close 1011"]);
    expect(errors).toHaveLength(1);
  });

  test("what cannot be sent is said at once; what is closed sends nothing", async () => {
    const seen: unknown[] = [];
    const port = await start({
      open(ws) {
        for (const attempt of [
          () => ws.close(1005),
          () => ws.close(999),
          () => ws.close(1000, "x".repeat(124)),
          () => ws.ping("x".repeat(126)),
        ]) {
          try {
            attempt();
          } catch (error) {
            seen.push((error as Error).name);
          }
        }
        ws.close(1000, "€".repeat(41));
        seen.push(ws.readyState, ws.send("late"), ws.publish("a", "late"));
      },
    });
    const client = await RawWebSocket.open(port);
    await until(() => client.words.length > 0);
    expect(seen).toEqual(["RangeError", "RangeError", "RangeError", "RangeError", 2, false, 0]);
    expect(client.words).toEqual(["close 1000"]);
  });

  test("bytes may be changed as soon as they are sent", async () => {
    const port = await start({
      open(ws) {
        const bytes = new Uint8Array([1, 2, 3]);
        ws.send(bytes);
        bytes.fill(9);
        ws.sendJson({ a: 1 });
      },
    });
    const client = await RawWebSocket.open(port);
    await until(() => client.words.length === 2);
    expect(client.words).toEqual(["binary 010203", 'text {"a":1}']);
  });

  test("a pong comes with what was asked", async () => {
    const pongs: string[] = [];
    const port = await start({
      open: (ws) => ws.ping("lag"),
      pong: (_ws, payload) => void pongs.push(new TextDecoder().decode(payload)),
    });
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await until(() => pongs.length > 0);
    expect(pongs).toEqual(["lag"]);
    socket.close();
  });
});

describe("a schema", () => {
  const Move = z.object({ x: z.number(), y: z.number().default(7) });

  test("makes what the handler gets", async () => {
    const port = await start({
      schema: Move,
      message: (ws, move) => ws.sendJson(move.x + move.y),
    });
    const client = await RawWebSocket.open(port);
    client.send(text('{"x":1}'), text('{"x":1,"y":1}'));
    await until(() => client.words.length === 2);
    expect(client.words).toEqual(["text 8", "text 2"]);
  });

  for (const [name, frame, code] of [
    ["what does not fit", text('{"x":"1"}'), 1007],
    ["what is not JSON", text("{"), 1007],
    ["bytes", binary("{}"), 1003],
  ] as const) {
    test(`refuses ${name}`, async () => {
      let called = false;
      const port = await start({ schema: Move, message: () => void (called = true) });
      const client = await RawWebSocket.open(port);
      client.send(frame);
      await until(() => client.words.length > 0);
      expect(client.words).toEqual([`close ${code}`]);
      expect(called).toBe(false);
    });
  }

  test("is not asked about what code that goes into it cannot take", async () => {
    const port = await start({
      schema: z.json(),
      message: (ws) => ws.send("taken"),
      invalid: (ws, [issue]) => ws.send(String(issue?.code)),
    });
    const client = await RawWebSocket.open(port);
    client.send(text("[".repeat(20_000) + "]".repeat(20_000)), text('{"__proto__":{"a":1}}'));
    client.send(text("["), text("[]"));
    await until(() => client.words.length === 4);
    const codes = ["json_too_deep", "forbidden_key", "not_json", "taken"];
    expect(client.words).toEqual(codes.map((code) => `text ${code}`));
  });

  test("may be asynchronous, and a hook may answer what does not fit", async () => {
    const Slow = z.string().refine(async (value) => {
      await Bun.sleep(1);
      return value !== "no";
    });
    const port = await start({
      schema: Slow,
      message: (ws, value) => ws.send(`yes ${value}`),
      invalid: (ws, issues, raw) => ws.send(`${issues.length} issue in ${raw}`),
    });
    const client = await RawWebSocket.open(port);
    client.send(text('"no"'), text('"go"'), text("{"));
    await until(() => client.words.length === 3);
    expect(client.words).toEqual(['text 1 issue in "no"', "text yes go", "text 1 issue in {"]);
  });
});

describe("time", () => {
  test("a peer that does not answer pings is taken for gone", async () => {
    const closes: number[] = [];
    const port = await start({ heartbeatMs: 80, close: (_ws, code) => void closes.push(code) });
    const client = await RawWebSocket.open(port);
    await until(() => client.closed);
    expect(client.words).toEqual(["ping"]);
    expect(closes).toEqual([1006]);
    expect(server.connections).toBe(0);
  });

  test("one that answers stays", async () => {
    const pongs: number[] = [];
    const port = await start({ heartbeatMs: 80, pong: () => void pongs.push(1) });
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await until(() => pongs.length >= 4);
    expect(socket.readyState).toBe(1);
    socket.close();
  });

  test("one that says nothing for too long is closed", async () => {
    const port = await start({ heartbeatMs: 0, idleMs: 100 });
    const client = await RawWebSocket.open(port);
    await until(() => client.words.length > 0);
    expect(client.words).toEqual(["close 1000"]);
  });

  test("a close that is not answered ends all the same", async () => {
    const closes: [number, string][] = [];
    const port = await start({
      closeMs: 100,
      open: (ws) => ws.close(4001, "enough"),
      close: (_ws, code, reason) => void closes.push([code, reason]),
    });
    const client = await RawWebSocket.open(port);
    await until(() => client.closed);
    expect(closes).toEqual([[1006, "enough"]]);
  });

  test("a server that goes down says so", async () => {
    const port = await start({});
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await new Promise((resolve) => (socket.onopen = resolve));
    const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve));
    await server.drain();
    const { code, wasClean } = await closed;
    expect({ code, wasClean }).toEqual({ code: 1001, wasClean: true });
  });
});

describe("a peer that does not read", () => {
  test("is seen in bufferedAmount, also when all is in one message", async () => {
    const seen: unknown[] = [];
    let drained = false;
    const port = await start({
      open(ws) {
        seen.push(ws.send(new Uint8Array(32 * 1024 * 1024)), ws.bufferedAmount);
        return ws.drained().then(() => (drained = true));
      },
    });
    const client = await RawWebSocket.open(port);
    expect(seen).toEqual([false, 32 * 1024 * 1024 + 10]);
    await until(() => drained);
    client.socket.destroy();
  });

  const big = new Uint8Array(64 * 1024);

  async function fill(options: WebSocketOptions<Context>) {
    const socket = Promise.withResolvers<WebSocketConnection<undefined>>();
    const port = await start({ ...options, open: (ws) => socket.resolve(ws) });
    const client = await RawWebSocket.open(port);
    client.socket.pause();
    const ws = await socket.promise;
    let most = 0;
    let sent = 0;
    // More than the system's buffers hold.
    for (let i = 0; i < 2_000 && ws.readyState === 1; i++) {
      if (ws.send(big)) sent++;
      most = Math.max(most, ws.bufferedAmount);
      if (i % 50 === 0) await Bun.sleep(1);
    }
    return { ws, client, most, sent };
  }

  test("is closed, and no more than the limit waits for it", async () => {
    const closes: unknown[] = [];
    const close = (_ws: unknown, code: number, reason: string) => void closes.push([code, reason]);
    const { ws, most } = await fill({ maxBuffered: 512 * 1024, closeMs: 100, close });
    expect(ws.readyState).toBeGreaterThan(1);
    expect(most).toBeLessThan(512 * 1024 + 2 * 65_600);
    await until(() => closes.length > 0);
    expect(closes).toEqual([[1006, "too slow"]]);
    await until(() => server.connections === 0);
    expect(ws.drained()).rejects.toThrow();
  });

  test("or misses messages until it reads again", async () => {
    let drains = 0;
    const drain = () => void drains++;
    const { ws, client, most } = await fill({ maxBuffered: 512 * 1024, slow: "drop", drain });
    expect(ws.readyState).toBe(1);
    expect(most).toBeLessThan(512 * 1024 + 2 * 65_600);
    expect(drains).toBe(0);
    const drained = ws.drained();
    client.socket.resume();
    await drained;
    expect(ws.bufferedAmount).toBe(0);
    expect(drains).toBe(1);
    expect(ws.send("again")).toBe(true);
    await until(() => client.words.at(-1) === "text again");
  });
});

test("a peer that has ended its side still receives all that was sent, and the close", async () => {
  const port = await start({ message: (ws, message) => ws.send(message), maxBuffered: 2 ** 30 });
  const client = await RawWebSocket.open(port);
  client.socket.pause();
  const message = binary("x".repeat(900_000));
  for (let i = 0; i < 8; i++) client.send(message);
  client.socket.end(close(1000));
  await Bun.sleep(300);
  client.socket.resume();
  await until(() => client.closed);
  expect(client.words).toEqual([...Array<string>(8).fill("binary of 900000"), "close 1000"]);
  await until(() => server.connections === 0);
});

describe("rooms", () => {
  test("everybody who listens hears it, but for whom it came from", async () => {
    const rooms = new Rooms();
    const port = await start({
      rooms,
      open: (ws, c) => ws.subscribe(c.exchange.query),
      message(ws, message) {
        if (message === "leave") ws.unsubscribe("a");
        else ws.sendJson(ws.publish("a", message));
      },
    });
    const one = await RawWebSocket.open(port, "/?a");
    const two = await RawWebSocket.open(port, "/?a");
    const other = await RawWebSocket.open(port, "/?b");
    await until(() => rooms.count("a") === 2 && rooms.count("b") === 1);
    one.send(text("hello"));
    await until(() => two.words.length === 1 && one.words.length === 1);
    expect(two.words).toEqual(["text hello"]);
    expect(one.words).toEqual(["text 1"]);
    two.send(text("leave"));
    await until(() => rooms.count("a") === 1);
    expect(rooms.publish("a", "all")).toBe(1);
    expect(rooms.publish("nobody", "all")).toBe(0);
    await until(() => one.words.length === 2);
    expect(two.words).toEqual(["text hello"]);
    expect(other.words).toEqual([]);
  });

  test("are empty once the connections are torn", async () => {
    const rooms = new Rooms();
    let closes = 0;
    const port = await start({
      rooms,
      open(ws) {
        ws.subscribe("all");
        ws.subscribe(`own ${Math.random()}`);
      },
      close: () => void closes++,
    });
    for (let round = 0; round < 3; round++) {
      const clients = await Promise.all(Array.from({ length: 60 }, () => RawWebSocket.open(port)));
      await until(() => rooms.count("all") === 60);
      expect(rooms.size).toBe(61);
      clients.forEach((client, i) => {
        if (i % 3 === 0) client.socket.resetAndDestroy();
        else if (i % 3 === 1) client.socket.end();
        else client.send(close(1000));
        // Torn in the middle of being sent to.
        rooms.publish("all", new Uint8Array(10_000));
      });
      await until(() => closes === 60 * (round + 1));
      expect(rooms.size).toBe(0);
    }
    await until(() => server.connections === 0);
  });
});
