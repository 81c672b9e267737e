import { afterEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import { readAll, sourceFrom } from "../../src/wire/source.ts";
import type { Limits } from "../../src/server/limits.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import * as h2 from "../support/h2-frames.ts";
import { RawH2 } from "../support/h2-frames.ts";

let server: Server;
const refusals: string[] = [];
const uploads: string[] = [];
const pushes: string[] = [];

async function start(limits: Partial<Limits>): Promise<RawH2> {
  for (const list of [refusals, uploads, pushes]) list.length = 0;
  const endless = function* () {
    for (;;) yield new Uint8Array(64 * 1024);
  };
  const app = new App()
    .get("/", () => "ok")
    .get("/204", () => new Reply(null, 204))
    .get("/never", () => new Promise<string>(() => {}))
    .get("/endless", () => new Reply(sourceFrom(endless())))
    .get("/push", (c) => {
      pushes.push(c.exchange.push("/push"));
      return "pushed";
    })
    .post("/up", async (c) => {
      try {
        const body = c.exchange.body;
        return String(body === null ? 0 : (await readAll(body)).byteLength);
      } catch (error) {
        uploads.push((error as { code?: string }).code ?? String(error));
        throw error;
      }
    });
  server = await serve(app, {
    port: 0,
    limits,
    observer: { refused: (one) => refusals.push(one.code) },
  });
  return RawH2.open(server.port);
}
afterEach(() => server.close());

const get = (id: number, path: string): Buffer =>
  h2.frame(h2.HEADERS, h2.END_STREAM | h2.END_HEADERS, id, h2.fields(h2.basics("GET", path)));
const post = (id: number): Buffer =>
  h2.frame(h2.HEADERS, h2.END_HEADERS, id, h2.fields(h2.basics("POST", "/up")));
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** The status of the answer on a stream, which our encoder writes as a literal or as an entry of the static table. */
async function statusOf(client: RawH2, id: number): Promise<string> {
  const answer = await client.until((one) => one.type === h2.HEADERS && one.stream === id);
  const first = answer?.payload[0] ?? 0;
  const known = ["200", "204", "206", "304", "400", "404", "500"];
  if (first >= 0x88 && first <= 0x8e) return known[first - 0x88] as string;
  return /\d{3}/.exec(answer?.payload.toString("latin1") ?? "")?.[0] ?? "none";
}

describe("time", () => {
  test("keepAliveMs: a connection without a stream is told to go, and closed", async () => {
    const client = await start({ keepAliveMs: 100 });
    client.send(get(1, "/"));
    expect(await statusOf(client, 1)).toBe("200");
    const goaway = await client.until((one) => one.type === h2.GOAWAY);
    expect(goaway?.payload.readUInt32BE(4)).toBe(0);
    await client.until(() => client.closed);
    expect(client.closed).toBe(true);
  });

  test("keepAliveMs is not for a connection that is waiting for its answer, and PING does not stretch it", async () => {
    const client = await start({ keepAliveMs: 100, requestMs: 400 });
    client.send(get(1, "/never"));
    expect(await statusOf(client, 1)).toBe("503");
    const pings = setInterval(() => client.send(h2.frame(h2.PING, 0, 0, Buffer.alloc(8))), 20);
    await client.until(() => client.closed);
    clearInterval(pings);
    expect(client.closed).toBe(true);
  });

  test("requestMs: an answer that does not come: 503, and the others go on", async () => {
    const client = await start({ requestMs: 100 });
    client.send(get(1, "/never"), get(3, "/"));
    expect([await statusOf(client, 1), await statusOf(client, 3)]).toEqual(["503", "200"]);
    expect(refusals).toEqual(["request_timeout"]);
    client.end();
  });

  test("idleMs: content that stops coming: 408, and the others go on", async () => {
    const client = await start({ idleMs: 100 });
    client.send(post(1), h2.frame(h2.DATA, 0, 1, Buffer.from("abc")));
    expect(await statusOf(client, 1)).toBe("408");
    expect([uploads, refusals]).toEqual([["body_timeout"], ["body_timeout"]]);
    client.send(get(3, "/"));
    expect(await statusOf(client, 3)).toBe("200");
    client.end();
  });

  test("minBodyRate: content that never stops, but is too slow: 408", async () => {
    const client = await start({ minBodyRate: 1_000, bodyRateGraceMs: 100, idleMs: 5_000 });
    client.send(post(1));
    const timer = setInterval(() => client.send(h2.frame(h2.DATA, 0, 1, Buffer.from("x"))), 20);
    expect(await statusOf(client, 1)).toBe("408");
    clearInterval(timer);
    client.end();
  });

  test("minBodyRate: an answer whose window the client hardly opens is reset, and the others go on", async () => {
    const client = await start({ minBodyRate: 100_000, bodyRateGraceMs: 100, idleMs: 5_000 });
    client.send(get(1, "/endless"));
    const more = h2.frame(h2.WINDOW_UPDATE, 0, 1, uint32(1));
    const timer = setInterval(() => client.send(more), 20);
    const reset = await client.until((one) => one.type === h2.RST_STREAM && one.stream === 1);
    clearInterval(timer);
    expect(reset?.payload.readUInt32BE()).toBe(8);
    expect(refusals).toEqual(["slow_reader"]);
    client.send(h2.frame(h2.WINDOW_UPDATE, 0, 0, uint32(1_000)), get(3, "/"));
    expect(await statusOf(client, 3)).toBe("200");
    client.end();
  });

  test("headerTimeoutMs: a connection that opens and says nothing is closed", async () => {
    const client = await start({ headerTimeoutMs: 100 });
    client.send(h2.frame(h2.HEADERS, 0, 1, h2.fields(h2.basics("GET"))));
    const goaway = await client.until((one) => one.type === h2.GOAWAY);
    expect(goaway?.payload.readUInt32BE(4)).toBe(11);
    await client.until(() => client.closed);
    expect(refusals).toEqual(["header_timeout"]);
  });
});

/** What a client that reads nothing leaves in a server. */
function deaf(...frames: readonly Uint8Array[]): ReturnType<typeof connect> {
  const socket = connect({ port: server.port, host: "127.0.0.1" });
  socket.pause();
  socket.on("error", () => {});
  socket.write(
    Buffer.concat([
      Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      h2.frame(h2.SETTINGS, 0, 0, Buffer.concat([Buffer.from([0, 4]), uint32(0x7fff_ffff)])),
      h2.frame(h2.WINDOW_UPDATE, 0, 0, uint32(0x7fff_0000)),
      ...frames,
    ]),
  );
  return socket;
}

test("a client with vast windows that never reads is held back, and cut", async () => {
  (await start({ minBodyRate: 10_000_000, bodyRateGraceMs: 100 })).end();
  const socket = deaf(get(1, "/endless"), get(3, "/endless"));
  while (!refusals.includes("slow_reader")) await Bun.sleep(5);
  while (server.connections > 0) await Bun.sleep(5);
  socket.destroy();
});

test("a client that asks on and on and never reads is cut before its answers fill the memory", async () => {
  (await start({})).end();
  const socket = deaf();
  const batch = (first: number): Buffer =>
    Buffer.concat(Array.from({ length: 100 }, (_, i) => get(first + i * 2, "/204")));
  let closed = false;
  const gone = new Promise<void>((resolve) =>
    socket.on("close", () => {
      closed = true;
      resolve();
    }),
  );
  let id = 1;
  while (!closed && id < 2_000_000) {
    const room = socket.write(batch(id));
    id += 200;
    if (!room) await Promise.race([gone, new Promise((resolve) => socket.once("drain", resolve))]);
  }
  expect(id).toBeLessThan(2_000_000);
  expect(refusals).toEqual(["too_many_acknowledgements"]);
  while (server.connections > 0) await Bun.sleep(5);
  socket.destroy();
}, 30_000);

describe("number and size", () => {
  test("targetBytes: 414", async () => {
    const client = await start({ targetBytes: 100 });
    client.send(get(1, `/${"x".repeat(100)}`));
    expect(await statusOf(client, 1)).toBe("414");
    expect(refusals).toEqual(["target_too_long"]);
    client.end();
  });

  test("requestsPerConnection: the last is answered, then GOAWAY", async () => {
    const client = await start({ requestsPerConnection: 2 });
    client.send(get(1, "/"), get(3, "/"));
    expect([await statusOf(client, 1), await statusOf(client, 3)]).toEqual(["200", "200"]);
    await client.until((one) => one.type === h2.GOAWAY);
    await client.until(() => client.closed);
    expect(client.closed).toBe(true);
  });
});

describe(":authority and Host (RFC 9113 8.3.1)", () => {
  for (const [name, authority, host, status] of [
    ["that agree", "a.example", "a.example", "200"],
    ["that differ in case", "a.example", "A.EXAMPLE", "200"],
    ["that disagree", "a.example", "b.example", "400"],
    ["of which only Host is there", undefined, "a.example", "200"],
    ["of which neither is there", undefined, undefined, "400"],
  ] as [string, string | undefined, string | undefined, string][]) {
    test(`${name}: ${status}`, async () => {
      const client = await start({});
      const list = h2.basics("GET").filter(([field]) => field !== ":authority");
      if (authority !== undefined) list.push([":authority", authority]);
      if (host !== undefined) list.push(["host", host]);
      client.send(h2.frame(h2.HEADERS, 5, 1, h2.fields(list)));
      expect(await statusOf(client, 1)).toBe(status);
      client.end();
    });
  }
});

test("what was pushed pushes nothing itself", async () => {
  const client = await start({});
  client.send(get(1, "/push"));
  await client.until((one) => one.stream === 2 && (one.flags & h2.END_STREAM) !== 0);
  expect(pushes.toSorted()).toEqual(["preload", "push"]);
  expect(client.frames.filter((one) => one.type === 5)).toHaveLength(1);
  client.end();
});

test("what was pushed may be turned down, as often as it is pushed", async () => {
  const client = await start({ resets: 5 });
  for (let i = 0; i < 10; i++) {
    client.send(get(i * 2 + 1, "/push"));
    await client.until((one) => one.type === 5 && one.stream === i * 2 + 1);
    client.send(h2.frame(h2.RST_STREAM, 0, i * 2 + 2, uint32(8)));
  }
  client.send(get(101, "/"));
  expect(await statusOf(client, 101)).toBe("200");
  client.end();
});
