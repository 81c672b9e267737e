import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import { readAll, sourceFrom } from "../../src/wire/source.ts";
import type { HeaderList } from "../../src/http/header-list.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { exchangeRaw, parseResponses } from "../support/raw-client.ts";

let server: Server;
const faults: string[] = [];
const asked: string[] = [];
const gone: string[] = [];

beforeAll(async () => {
  const app = new App()
    .get("/", () => "ok")
    .post("/up", async (c) => {
      const body = c.exchange.body;
      return String(body === null ? 0 : (await readAll(body)).byteLength);
    })
    .get("/bad-trailers", () => {
      const reply = new Reply(sourceFrom(["begun"]));
      reply.trailers = () => {
        throw new Error("no trailers");
      };
      return reply;
    })
    .get("/bad-cancel", () => {
      const chunks = (function* () {
        try {
          for (;;) yield new Uint8Array(64 * 1024);
        } finally {
          // oxlint-disable-next-line no-unsafe-finally
          throw new Error("no cancel");
        }
      })();
      return new Reply(sourceFrom(chunks));
    })
    .get("/bad-reply", () => {
      const reply = new Reply("text");
      reply.headers = {} as HeaderList;
      return reply;
    })
    .get("/never", (c) => {
      asked.push(c.exchange.query);
      c.exchange.onClose(() => {
        throw new Error("no listener");
      });
      c.exchange.onClose(() => gone.push(c.exchange.query));
      return new Promise<string>(() => {});
    })
    .get("/protocol", (c) => String(c.exchange.upgradeProtocol));
  server = await serve(app, {
    port: 0,
    limits: { idleMs: 300 },
    observer: {
      failed: (error) => faults.push((error as Error).message),
    },
  });
});
afterAll(() => server.close());

const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;

async function alive(): Promise<boolean> {
  const { text } = await exchangeRaw(server.port, get("/", "Connection: close\r\n"));
  return parseResponses(text)[0]?.body === "ok";
}

async function empty(): Promise<void> {
  while (server.connections > 0) await Bun.sleep(5);
}

/** Writes `bytes` until the server has had enough of it. @returns how much it was given */
async function pour(socket: Socket, bytes: Buffer, most: number): Promise<number> {
  let sent = 0;
  let closed = false;
  socket.on("error", () => {});
  const gone = new Promise<void>((resolve) =>
    socket.on("close", () => {
      closed = true;
      resolve();
    }),
  );
  while (!closed && sent < most) {
    sent += bytes.byteLength;
    if (socket.write(bytes)) continue;
    await Promise.race([gone, new Promise((resolve) => socket.once("drain", resolve))]);
  }
  return sent;
}

test("a client that pipelines and never reads is held back, and cut", async () => {
  const cuts: string[] = [];
  const eager = await serve(
    new App().get("/", () => "ok"),
    {
      port: 0,
      limits: { idleMs: 2_000 },
      observer: { refused: (one) => cuts.push(one.code) },
    },
  );
  const socket = connect({ port: eager.port, host: "127.0.0.1" });
  socket.pause();
  // More than the buffers of two kernels hold.
  const most = 20 * 1024 * 1024;
  expect(await pour(socket, Buffer.from(get("/").repeat(4_000)), most)).toBeLessThan(most);
  expect(cuts).toEqual(["slow_reader"]);
  socket.destroy();
  await eager.close();
}, 30_000);

test("a request torn at every byte leaves nothing behind", async () => {
  const request = `POST /up?x=%20 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n`;
  for (const end of ["destroy", "resetAndDestroy", "end"] as const) {
    await Promise.all(
      Array.from({ length: request.length }, async (_, cut) => {
        const socket = connect({ port: server.port, host: "127.0.0.1" });
        socket.on("error", () => {});
        socket.resume();
        const closed = new Promise((resolve) => socket.on("close", resolve));
        await new Promise((resolve) => socket.on("connect", resolve));
        await new Promise((resolve) => socket.write(request.slice(0, cut), resolve));
        socket[end]();
        await closed;
      }),
    );
    await empty();
  }
  expect(await alive()).toBe(true);
});

describe("a fault of the application ends its own exchange and nothing else", () => {
  for (const [path, what] of [
    ["/bad-trailers", "trailers that throw"],
    ["/bad-reply", "headers that are none"],
  ] as const) {
    test(what, async () => {
      const { text, closed } = await exchangeRaw(server.port, get(path), { quietMs: 3_000 });
      expect(closed).toBe(true);
      expect(text.endsWith("0\r\n\r\n")).toBe(false);
      await empty();
      expect(await alive()).toBe(true);
    });
  }

  test("a source that throws when it is given up", async () => {
    const socket = connect({ port: server.port, host: "127.0.0.1" });
    socket.write(get("/bad-cancel"));
    await new Promise((resolve) => socket.once("data", resolve));
    socket.destroy();
    await empty();
    expect(await alive()).toBe(true);
  });

  test("a listener that throws: it is reported, the others hear, the connection is let go", async () => {
    const before = faults.length;
    const socket = connect({ port: server.port, host: "127.0.0.1" });
    socket.write(get("/never?one"));
    while (!asked.includes("one")) await Bun.sleep(5);
    // Not a FIN, behind which a client may still wait for its answer.
    socket.resetAndDestroy();
    while (!gone.includes("one")) await Bun.sleep(5);
    await empty();
    expect(faults.slice(before)).toEqual(["no listener"]);
  });
});

test("which protocol a request asks to change to", async () => {
  for (const [fields, protocol] of [
    ["Connection: Upgrade\r\nUpgrade: WebSocket\r\n", "websocket"],
    ["Upgrade: websocket\r\n", "undefined"],
    ["", "undefined"],
  ]) {
    const { text } = await exchangeRaw(server.port, get("/protocol", fields));
    expect(parseResponses(text)[0]?.body).toBe(protocol as string);
  }
});
