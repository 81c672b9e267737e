import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import { readAll, sourceFrom } from "../../src/wire/source.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import * as h2 from "../support/h2-frames.ts";
import { RawH2 } from "../support/h2-frames.ts";

let server: Server;
const faults: string[] = [];
const uploads: string[] = [];
let more = Promise.withResolvers<void>();
let asked = Promise.withResolvers<void>();

beforeAll(async () => {
  const app = new App()
    .get("/", () => "ok")
    .get("/204", () => new Reply(null, 204))
    .post("/early", () => "early")
    .post("/hold", () => new Promise<string>(() => {}))
    .post("/up", async (c) => {
      try {
        const body = c.exchange.body;
        return String(body === null ? 0 : (await readAll(body)).byteLength);
      } catch (error) {
        uploads.push((error as { code?: string }).code ?? String(error));
        throw error;
      }
    })
    .get("/bad-trailers", () => {
      const reply = new Reply("begun");
      reply.trailers = () => {
        throw new Error("no trailers");
      };
      return reply;
    })
    .get("/bad-trailers-later", () => {
      const reply = new Reply(sourceFrom(["begun"]));
      reply.trailers = () => {
        throw new Error("no trailers");
      };
      return reply;
    })
    .get("/bad-reply", () => {
      const reply = new Reply("text");
      reply.headers = {} as HeaderList;
      return reply;
    })
    .get("/bad-reply-later", async () => {
      await Bun.sleep(1);
      const reply = new Reply("text");
      reply.headers = {} as HeaderList;
      return reply;
    })
    .get("/steps", () => {
      let step = 0;
      const pull = async () => {
        step++;
        if (step === 1) return new Uint8Array(1_000);
        if (step === 2) {
          asked.resolve();
          await more.promise;
          return new Uint8Array(0);
        }
        return step === 3 ? new Uint8Array(5_000) : null;
      };
      return new Reply({ size: undefined, pull, cancel() {} });
    })
    .add({
      path: "/tunnel",
      methods: ["CONNECT"],
      async handler(c) {
        const tunnel = c.exchange.takeover(200, new HeaderList());
        await Bun.sleep(20);
        tunnel.end();
        return Reply.TAKEN;
      },
    })
    .add({ path: "/protocol", methods: ["GET", "CONNECT"], handler: protocolOf });
  server = await serve(app, {
    port: 0,
    observer: { failed: (error) => faults.push((error as Error).message) },
  });
});
afterAll(() => server.close());

function protocolOf(c: { exchange: { upgradeProtocol: string | undefined } }): string {
  return String(c.exchange.upgradeProtocol);
}

const headers = (id: number, list: [string, string][], flags = h2.END_HEADERS): Buffer =>
  h2.frame(h2.HEADERS, flags, id, h2.fields(list));
const post = (id: number, path: string): Buffer => headers(id, h2.basics("POST", path));
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const setting = (id: number, value: number): Buffer =>
  h2.frame(h2.SETTINGS, 0, 0, Buffer.concat([Buffer.from([0, id]), uint32(value)]));
const bytesOn = (client: RawH2, id: number): number =>
  client.frames
    .filter((one) => one.type === h2.DATA && one.stream === id)
    .reduce((sum, one) => sum + one.payload.byteLength, 0);

/** The connection still answers. */
async function alive(client: RawH2, id: number): Promise<void> {
  client.send(headers(id, h2.basics("GET"), 5));
  const answer = await client.until((one) => one.stream === id && (one.flags & 1) !== 0);
  expect(answer?.type).toBe(h2.DATA);
}

describe("resets", () => {
  test("of requests that were answered at once count like others (CVE-2023-44487)", async () => {
    const client = await RawH2.open(server.port);
    for (let i = 0; i < 400 && !client.closed; i++) {
      const id = i * 2 + 1;
      client.send(headers(id, h2.basics("GET", "/204"), 5));
      client.send(h2.frame(h2.RST_STREAM, 0, id, uint32(8)));
    }
    const goaway = await client.until((one) => one.type === h2.GOAWAY);
    expect(goaway?.payload.readUInt32BE(4)).toBe(11);
    client.end();
  });

  test("a few of them are nothing", async () => {
    const client = await RawH2.open(server.port);
    for (let i = 0; i < 50; i++) {
      const id = i * 2 + 1;
      client.send(headers(id, h2.basics("GET", "/204"), 5));
      client.send(h2.frame(h2.RST_STREAM, 0, id, uint32(8)));
    }
    await alive(client, 101);
    client.end();
  });
});

describe("a stream that we have reset", () => {
  test("may get the trailers that were on their way (RFC 9113 5.1)", async () => {
    const client = await RawH2.open(server.port);
    client.send(post(1, "/early"));
    await client.until((one) => one.type === h2.RST_STREAM && one.stream === 1);
    client.send(h2.frame(h2.DATA, 0, 1, Buffer.from("late")), headers(1, [["x-sum", "1"]], 5));
    await alive(client, 3);
    client.end();
  });

  test("gets them once: a second block is an error of the connection", async () => {
    const client = await RawH2.open(server.port);
    client.send(post(1, "/early"));
    await client.until((one) => one.type === h2.RST_STREAM && one.stream === 1);
    client.send(headers(1, [["x-sum", "1"]], 5), headers(1, [["x-sum", "1"]], 5));
    const goaway = await client.until((one) => one.type === h2.GOAWAY);
    expect(goaway?.payload.readUInt32BE(4)).toBe(5);
    client.end();
  });
});

describe("windows", () => {
  test("an empty chunk of a source under a window below zero does not open it (RFC 9113 6.9.2)", async () => {
    more = Promise.withResolvers();
    asked = Promise.withResolvers();
    const client = await RawH2.open(server.port);
    client.send(headers(1, h2.basics("GET", "/steps"), 5));
    await asked.promise;
    await client.until(() => bytesOn(client, 1) === 1_000);
    // 65,535 - 1,000 were left: now 900 less than nothing.
    client.send(setting(4, 100), h2.frame(h2.PING, 0, 0, Buffer.alloc(8)));
    await client.until((one) => one.type === h2.PING);
    more.resolve();
    client.send(h2.frame(h2.WINDOW_UPDATE, 0, 1, uint32(1_000)));
    await client.until(() => bytesOn(client, 1) === 1_100);
    client.send(h2.frame(h2.PING, 0, 0, Buffer.alloc(8, 1)));
    await client.until((one) => one.type === h2.PING && one.payload[0] === 1);
    expect(bytesOn(client, 1)).toBe(1_100);
    client.send(h2.frame(h2.WINDOW_UPDATE, 0, 1, uint32(10_000)));
    await client.until((one) => one.stream === 1 && (one.flags & 1) !== 0);
    expect(bytesOn(client, 1)).toBe(6_000);
    client.end();
  });

  test("uploads that no handler reads do not eat the connection's", async () => {
    const client = await RawH2.open(server.port);
    const chunk = Buffer.alloc(16_000);
    for (let i = 0; i < 30; i++) {
      const id = i * 2 + 1;
      client.send(post(id, "/early"));
      for (let j = 0; j < 10; j++) client.send(h2.frame(h2.DATA, j === 9 ? 1 : 0, id, chunk));
      await client.until((one) => one.stream === id && one.type === h2.HEADERS);
    }
    client.send(post(61, "/up"), h2.frame(h2.DATA, 1, 61, chunk));
    await client.until((one) => one.stream === 61 && (one.flags & 1) !== 0);
    expect(client.frames.some((one) => one.type === h2.GOAWAY)).toBe(false);
    client.end();
  });

  test("nor does what a tunnel has received and not read", async () => {
    const client = await RawH2.open(server.port);
    const chunk = Buffer.alloc(16_000);
    for (let i = 0; i < 8; i++) {
      const id = i * 2 + 1;
      client.send(headers(id, [...h2.basics("CONNECT", "/tunnel"), [":protocol", "x"]]));
      for (let j = 0; j < 15; j++) client.send(h2.frame(h2.DATA, j === 14 ? 1 : 0, id, chunk));
      await client.until((one) => one.stream === id && (one.flags & 1) !== 0);
    }
    await alive(client, 17);
    expect(client.frames.some((one) => one.type === h2.GOAWAY)).toBe(false);
    client.end();
  });

  test("more DATA than a stream's window, with a handler that does not read, ends the stream", async () => {
    const client = await RawH2.open(server.port);
    client.send(post(1, "/hold"));
    for (let i = 0; i < 17; i++) client.send(h2.frame(h2.DATA, 0, 1, Buffer.alloc(16_000)));
    const reset = await client.until((one) => one.type === h2.RST_STREAM);
    expect([reset?.stream, reset?.payload.readUInt32BE()]).toEqual([1, 3]);
    await alive(client, 3);
    client.end();
  });

  test("SETTINGS that overflow an open stream's window end the connection (RFC 9113 6.9.2)", async () => {
    more = Promise.withResolvers();
    const client = await RawH2.open(server.port);
    client.send(headers(1, h2.basics("GET", "/steps"), 5));
    client.send(h2.frame(h2.WINDOW_UPDATE, 0, 1, uint32(0x7fff_0000)));
    client.send(setting(4, 0x7fff_ffff));
    const goaway = await client.until((one) => one.type === h2.GOAWAY);
    expect(goaway?.payload.readUInt32BE(4)).toBe(3);
    client.end();
  });
});

describe("settings at their extremes are obeyed or ignored", () => {
  for (const [name, id, value] of [
    ["HEADER_TABLE_SIZE 0", 1, 0],
    ["HEADER_TABLE_SIZE 2^32-1", 1, 0xffff_ffff],
    ["MAX_CONCURRENT_STREAMS 0", 3, 0],
    ["INITIAL_WINDOW_SIZE 2^31-1", 4, 0x7fff_ffff],
    ["MAX_FRAME_SIZE 2^24-1", 5, 0xff_ffff],
    ["MAX_HEADER_LIST_SIZE 0", 6, 0],
    ["one that nobody knows", 255, 0xffff_ffff],
  ] as [string, number, number][]) {
    test(name, async () => {
      const client = await RawH2.open(server.port);
      client.send(setting(id, value));
      await alive(client, 1);
      client.end();
    });
  }
});

describe("a connection ends for", () => {
  for (const [name, frames, code] of [
    ["6.8: GOAWAY of four bytes", [h2.frame(h2.GOAWAY, 0, 0, Buffer.alloc(4))], 6],
    ["6.8: GOAWAY on a stream", [h2.frame(h2.GOAWAY, 0, 1, Buffer.alloc(8))], 1],
    ["6.9: WINDOW_UPDATE on an idle stream", [h2.frame(h2.WINDOW_UPDATE, 0, 9, uint32(1))], 1],
    ["6.1: padded DATA of nothing", [post(1, "/up"), h2.frame(h2.DATA, 8, 1)], 1],
    [
      "6.2: HEADERS too short for their priority",
      [h2.frame(h2.HEADERS, 37, 1, Buffer.alloc(4))],
      6,
    ],
    [
      "6.10: CONTINUATION of another stream",
      [h2.frame(h2.HEADERS, 0, 1), h2.frame(h2.CONTINUATION, 4, 3)],
      1,
    ],
    [
      "5.2: more DATA than the connection's window",
      [
        ...[1, 3, 5, 7, 9].map((id) => post(id, "/hold")),
        ...Array.from({ length: 75 }, (_, i) =>
          h2.frame(h2.DATA, 0, (i % 5) * 2 + 1, Buffer.alloc(16_000)),
        ),
      ],
      3,
    ],
    [
      "RFC 7541 4.2: a table larger than ours",
      [h2.frame(h2.HEADERS, 5, 1, Buffer.from([0x3f, 0xe2, 0x1f, 0x82]))],
      9,
    ],
    ["RFC 7541 5.2: a string cut short", [h2.frame(h2.HEADERS, 5, 1, Buffer.from([0, 5, 97]))], 9],
    [
      "RFC 7541 5.1: an integer without end",
      [h2.frame(h2.HEADERS, 5, 1, Buffer.alloc(20, 0xff))],
      9,
    ],
  ] as [string, Buffer[], number][]) {
    test(name, async () => {
      const client = await RawH2.open(server.port);
      client.send(...frames);
      const goaway = await client.until((one) => one.type === h2.GOAWAY);
      expect(goaway?.payload.readUInt32BE(4)).toBe(code);
      client.end();
    });
  }
});

for (const [name, type, payload] of [
  ["GOAWAY", h2.GOAWAY, 8],
  ["acknowledgements of PING", h2.PING, 8],
  ["acknowledgements of SETTINGS", h2.SETTINGS, 0],
  ["frames of an unknown type", 0xee, 100],
] as [string, number, number][]) {
  test(`a flood of ${name} is cut short`, async () => {
    const client = await RawH2.open(server.port);
    const flags = type === h2.PING || type === h2.SETTINGS ? 1 : 0;
    const batch = Buffer.concat(
      Array.from({ length: 100 }, () => h2.frame(type, flags, 0, Buffer.alloc(payload))),
    );
    for (let i = 0; i < 20; i++) client.send(batch);
    const end = await client.until((one) => one.type === h2.GOAWAY && one.payload[7] === 11);
    expect(end !== undefined || client.closed).toBe(true);
    client.end();
  });
}

test("a small block that unfolds into a great list is refused, and its connection goes on", async () => {
  const client = await RawH2.open(server.port);
  const value = Buffer.alloc(3_000, 0x61);
  // One large entry for the table, then a thousand references to it.
  const bomb = Buffer.concat([
    h2.fields(h2.basics("GET")),
    Buffer.from([0x40, 1, 0x78, 0x7f, 0xb9, 0x16]),
    value,
    Buffer.alloc(1_000, 0xbe),
  ]);
  client.send(h2.frame(h2.HEADERS, 5, 1, bomb));
  const answer = await client.until((one) => one.stream === 1 && one.type === h2.HEADERS);
  expect(answer?.payload.toString("latin1")).toContain("431");
  await alive(client, 3);
  client.end();
});

describe("a fault of the application ends its own stream and nothing else", () => {
  for (const path of ["/bad-trailers", "/bad-trailers-later", "/bad-reply", "/bad-reply-later"]) {
    test(path, async () => {
      const client = await RawH2.open(server.port);
      client.send(headers(1, h2.basics("GET", path), 5));
      const reset = await client.until((one) => one.type === h2.RST_STREAM && one.stream === 1);
      expect(reset?.payload.readUInt32BE(0)).toBe(2);
      await alive(client, 3);
      client.end();
    });
  }
});

test("a client that ends its side in the middle of content: the handler hears of it", async () => {
  const before = uploads.length;
  const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.resume();
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.end(
    Buffer.concat([
      Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      h2.frame(h2.SETTINGS, 0, 0),
      post(1, "/up"),
      h2.frame(h2.DATA, 0, 1, Buffer.from("some")),
    ]),
  );
  await closed;
  expect(uploads.slice(before)).toEqual(["body_incomplete"]);
});

test("a connection torn at every byte leaves nothing behind", async () => {
  const bytes = Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    setting(4, 1_000),
    post(1, "/up"),
    h2.frame(h2.DATA, 0, 1, Buffer.from("some")),
    headers(1, [["x-sum", "1"]], 5),
  ]);
  for (const end of ["destroy", "resetAndDestroy"] as const) {
    await Promise.all(
      Array.from({ length: bytes.length }, async (_, cut) => {
        const socket = connect({ port: server.port, host: "127.0.0.1" });
        socket.on("error", () => {});
        socket.resume();
        const closed = new Promise((resolve) => socket.on("close", resolve));
        await new Promise((resolve) => socket.on("connect", resolve));
        await new Promise((resolve) => socket.write(bytes.subarray(0, cut), resolve));
        socket[end]();
        await closed;
      }),
    );
    while (server.connections > 0) await Bun.sleep(5);
  }
  const client = await RawH2.open(server.port);
  await alive(client, 1);
  client.end();
});

test("the protocol of an extended CONNECT (RFC 8441)", async () => {
  const client = await RawH2.open(server.port);
  client.send(
    headers(1, [...h2.basics("CONNECT", "/protocol"), [":protocol", "WebSocket"]], 5),
    headers(3, h2.basics("GET", "/protocol"), 5),
  );
  const of = async (id: number) =>
    (await client.until((one) => one.type === h2.DATA && one.stream === id))?.payload.toString();
  expect([await of(1), await of(3)]).toEqual(["websocket", "undefined"]);
  client.end();
});
