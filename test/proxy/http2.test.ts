// What a client sees of an HTTP/2 backend that does as it is told, frame by frame.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { App } from "../../src/core/app.ts";
import { proxy } from "../../src/proxy/proxy.ts";
import { serve } from "../../src/server/serve.ts";
import type { UpstreamOptions } from "../../src/upstream/upstream.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  fields,
  frame,
  GOAWAY,
  HEADERS,
  PING,
  RawH2,
  request,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from "../support/h2-frames.ts";
import type { Plan, ScriptedH2Origin, SeenStream } from "../support/h2-origin.ts";
import { hello, startH2Origin, uint32 } from "../support/h2-origin.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import type { RawRequest } from "../support/raw-request.ts";
import { askRaw, short } from "../support/raw-request.ts";

type Server = Awaited<ReturnType<typeof serve>>;

const MIB = 1024 * 1024;

let origin: ScriptedH2Origin;
let upstream: Upstream;
let server: Server;
beforeAll(async () => {
  origin = await startH2Origin();
  [upstream, server] = await front({ timeouts: { firstByteMs: 400, idleMs: 400 } });
});
afterAll(async () => {
  await server.close();
  upstream.close();
  await origin.close();
});
beforeEach(() => {
  origin.streams.length = 0;
  origin.plan = hello;
  origin.onEnd = () => {};
  origin.settings = Buffer.alloc(0);
  origin.opensWindows = true;
});

async function front(options: Partial<UpstreamOptions>): Promise<[Upstream, Server]> {
  const target = new Upstream({ name: "origin", backends: [origin.address], ...options });
  const app = new App().add({ path: "/*", literal: true, handler: proxy(target) });
  return [target, await serve(app, { port: 0 })];
}

/** With an upstream and a server of its own. */
async function withFront(
  options: Partial<UpstreamOptions>,
  run: (port: number, target: Upstream) => Promise<void>,
): Promise<void> {
  const [target, own] = await front(options);
  try {
    await run(own.port, target);
  } finally {
    await own.close();
    target.close();
  }
}

async function ask(plan: Plan, request: Partial<RawRequest> = {}): Promise<string> {
  origin.plan = plan;
  return await askRaw(server.port, request);
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) await Bun.sleep(5);
}

const setting = (id: number, value: number): Buffer =>
  Buffer.concat([Buffer.from([0, id]), uint32(value)]);
const length = (bytes: number): [string, string][] => [["content-length", String(bytes)]];

describe("an answer", () => {
  test.each<[string, Plan, string]>([
    ["of known length", (s) => s.head(200, length(5)).data("hello", END_STREAM), "200 5 hello"],
    ["of no known length", (s) => s.head(200).data("hello", END_STREAM), "200 5 hello"],
    [
      "in frames, the last one empty",
      (s) => s.head(200).data("he").data("llo").data("", END_STREAM),
      "200 chunked 2|he|3|llo|0||",
    ],
    [
      "in pieces",
      (s) => {
        s.head(200, length(5));
        setTimeout(() => s.data("he"), 10);
        setTimeout(() => s.data("llo", END_STREAM), 20);
      },
      "200 5 hello",
    ],
    [
      "with padding",
      (s) => s.head(200).raw(frame(DATA, END_STREAM | 8, s.id, Buffer.from("\u0003hello\0\0\0"))),
      "200 5 hello",
    ],
    [
      "whose head goes on in CONTINUATION",
      (s) => {
        const block = fields([
          [":status", "200"],
          ["content-length", "0"],
        ]);
        s.raw(frame(HEADERS, END_STREAM, s.id, block.subarray(0, 7)));
        s.raw(frame(CONTINUATION, END_HEADERS, s.id, block.subarray(7)));
      },
      "200 0 ",
    ],
    ["without content", (s) => s.head(204, [], END_STREAM), "204 close "],
    ["that is empty", (s) => s.head(200, [], END_STREAM), "200 0 "],
    ["that is not modified", (s) => s.head(304, length(5), END_STREAM), "304 5 "],
    ["that is not modified, ended later", (s) => s.head(304).data("", END_STREAM), "304 close "],
    ["of an unknown status", (s) => s.head(599).data("x", END_STREAM), "599 1 x"],
    [
      "with trailers",
      (s) =>
        s
          .head(200)
          .data("x")
          .end([["x-sum", "7"]]),
      "200 chunked 1|x|0|x-sum: 7||",
    ],
    ["of trailers alone", (s) => s.head(200).end([["x-sum", "7"]]), "200 chunked 0|x-sum: 7||"],
    [
      "behind early hints",
      (s) =>
        s
          .head(103, [["link", "</a.css>"]])
          .head(200, length(1))
          .data("x", END_STREAM),
      "103 close HTTP/1.1 200 OK|Content-Length: 1|Date",
    ],
    [
      "with frames of types that nobody knows",
      (s) =>
        s
          .raw(frame(0xbe, 0, s.id, Buffer.from("x")))
          .head(200)
          .data("x", END_STREAM),
      "200 1 x",
    ],
  ])("%s", async (_, plan, expected) => {
    expect(short(await ask(plan))).toStartWith(expected);
  });

  test("to HEAD tells its length and has no content", async () => {
    const ends: Plan = (s) => s.head(200, length(12_345), END_STREAM);
    expect(short(await ask(ends, { method: "HEAD" }))).toBe("200 12345 ");
    const endsLater: Plan = (s) => s.head(200, length(12_345)).data("", END_STREAM);
    expect(short(await ask(endsLater, { method: "HEAD" }))).toBe("200 12345 ");
  });

  test.each<[string, Plan]>([
    ["without a status", (s) => s.section([["x-a", "1"]], END_STREAM)],
    ["with two", (s) => s.head(200, [[":status", "200"]], END_STREAM)],
    ["with a status of two digits", (s) => s.section([[":status", "20"]], END_STREAM)],
    ["that changes the protocol", (s) => s.head(101)],
    ["with a pseudo-header of requests", (s) => s.head(200, [[":path", "/"]], END_STREAM)],
    ["with upper case", (s) => s.head(200, [["X-A", "1"]], END_STREAM)],
    ["with a line feed in a value", (s) => s.head(200, [["x-a", "1\r\nx-b: 2"]], END_STREAM)],
    ["with connection", (s) => s.head(200, [["connection", "close"]], END_STREAM)],
    ["in chunks", (s) => s.head(200, [["transfer-encoding", "chunked"]], END_STREAM)],
    ["with two lengths", (s) => s.head(200, [...length(1), ...length(1)]).data("x", END_STREAM)],
    ["with a length of none", (s) => s.head(200, [["content-length", "+1"]]).data("x", END_STREAM)],
    ["with a length and no content", (s) => s.head(200, length(5), END_STREAM)],
    ["shorter than it says, at once", (s) => s.head(200, length(5)).data("x", END_STREAM)],
    ["without a head", (s) => s.data("x", END_STREAM)],
    ["that ends informationally", (s) => s.head(103, [], END_STREAM)],
    ["whose fields do not decode", (s) => s.raw(frame(HEADERS, 5, s.id, Buffer.from([0xff])))],
    [
      "with a header section that is too large",
      (s) => s.head(200, Array(3_000).fill(["a", "b".repeat(20)]), END_STREAM),
    ],
    [
      "with a header section that has no end",
      (s) => {
        s.raw(frame(HEADERS, 0, s.id, fields([[":status", "200"]])));
        for (let i = 0; i < 10; i++)
          s.raw(frame(CONTINUATION, 0, s.id, fields([["a", "b".repeat(16_000)]])));
      },
    ],
    ["on a stream that nobody opened", (s) => s.raw(frame(DATA, 0, s.id + 2, Buffer.from("x")))],
    ["pushed", (s) => s.raw(frame(5, 4, s.id, Buffer.concat([uint32(2), fields([])])))],
    ["in a frame that is too large", (s) => s.raw(frame(DATA, 0, s.id, Buffer.alloc(16_385)))],
  ])("%s is refused", async (_, plan) => {
    expect(short(await ask(plan, { method: "POST" }))).toBe("502 bad_response");
    expect(origin.streams).toHaveLength(1);
    expect(short(await ask(hello))).toBe("200 5 hello");
  });

  test("of informational replies without an end is refused", async () => {
    const answer = await ask((s) => {
      for (let i = 0; i < 40; i++) s.head(102);
    });
    expect(answer).toInclude("502 Bad Gateway");
  });

  test.each<[string, Plan, string]>([
    ["reset", (s) => s.reset(2), "502 reset"],
    ["silent", () => {}, "504 first_byte_timeout"],
    ["its connection is closed", (s) => s.connection.end(), "502 reset"],
  ])("that never comes: %s", async (_, plan, expected) => {
    expect(short(await ask(plan, { method: "POST" }))).toBe(expected);
    expect(origin.streams).toHaveLength(1);
    expect(short(await ask(hello))).toBe("200 5 hello");
  });

  test.each<[string, Plan]>([
    ["reset", (s) => s.reset(2)],
    ["reset without an error", (s) => s.reset(0)],
    ["reset as refused", (s) => s.reset(7)],
    ["its connection closed", (s) => s.connection.end()],
    ["stalled", () => {}],
    ["ended short of its length", (s) => s.data("", END_STREAM)],
    ["longer than it says", (s) => s.data("0123456789", END_STREAM)],
    ["with a pseudo-header in its trailers", (s) => s.end([[":status", "200"]])],
    ["with trailers short of its length", (s) => s.end([["x-sum", "7"]])],
    ["with trailers that end nothing", (s) => s.section([["x-sum", "7"]])],
    [
      "beyond its window",
      (s) => void Array.from({ length: 40 }, () => s.data(Buffer.alloc(16_384))),
    ],
  ])("%s in the middle is cut for the client too", async (_, plan) => {
    for (const list of [length(9), []]) {
      const answer = await ask((s) => {
        s.head(200, list).data("hello");
        setTimeout(() => plan(s), 10);
      });
      // Of an answer that tells no length not everything is a cut.
      if (list.length === 0 && answer.endsWith("\r\n0\r\n\r\n")) continue;
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      expect(head).toStartWith("HTTP/1.1 200");
      expect(body).not.toEndWith("0\r\n");
      expect(Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 1e9)).toBeGreaterThan(body.length);
    }
  });

  test("of a megabyte is whole", async () => {
    const sent = Buffer.alloc(MIB).map((_, at) => at * 7);
    origin.plan = (s) => void sendPaced(s, sent);
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    expect(Buffer.from(await response.arrayBuffer()).equals(sent)).toBe(true);
  });

  test("is held back at the origin while the client does not read, and the others go on", async () => {
    let sent = 0;
    await withFront({ timeouts: { idleMs: 0 } }, async (port) => {
      const size = 64 * MIB;
      origin.plan = (s) => {
        if (s.field(":path") !== "/slow") return hello(s);
        void sendPaced(s, Buffer.alloc(size), (bytes) => (sent = bytes));
      };
      const response = await fetch(`http://127.0.0.1:${port}/slow`);
      const reader = response.body!.getReader();
      await reader.read();
      let before = -1;
      while (sent !== before) {
        before = sent;
        await Bun.sleep(200);
      }
      // What the kernel's buffers hold, and a window.
      expect(sent).toBeLessThan(24 * MIB);
      expect(short(await askRaw(port, {}))).toBe("200 5 hello");
      let received = 0;
      for (let next = await reader.read(); !next.done; next = await reader.read())
        received += next.value.byteLength;
      expect(sent).toBe(size);
      expect(received).toBeGreaterThan(size - 2 * MIB);
    });
  });
});

/** Sends content as far as its windows go (RFC 9113 6.9). */
async function sendPaced(
  stream: SeenStream,
  content: Uint8Array,
  moved: (bytes: number) => void = () => {},
): Promise<void> {
  const { connection, id } = stream;
  stream.head(200, length(content.byteLength));
  const initial = connection.frames.find(({ type, flags }) => type === SETTINGS && flags === 0);
  // INITIAL_WINDOW_SIZE is the second of ours.
  let window = initial!.payload.readUInt32BE(8);
  let seen = 0;
  for (let at = 0; at < content.byteLength;) {
    for (; seen < connection.frames.length; seen++) {
      const { type, stream: on, payload } = connection.frames[seen]!;
      if (type === WINDOW_UPDATE && on === id) window += payload.readUInt32BE(0);
    }
    const bytes = Math.min(16_384, window, content.byteLength - at);
    if (bytes === 0) {
      await Bun.sleep(1);
      continue;
    }
    const last = at + bytes === content.byteLength ? END_STREAM : 0;
    stream.data(content.subarray(at, at + bytes), last);
    at += bytes;
    window -= bytes;
    moved(at);
    if (connection.closed) return;
  }
}

describe("a request", () => {
  test("goes on without what was for one connection, with what we know of the client", async () => {
    await ask(hello, {
      target: "/a/../b?q=%20%2F",
      fields: ["X-A: 1", "x-a: 2", "Connection: X-Gone", "X-Gone: 1", "TE: trailers"],
    });
    expect(origin.streams[0]?.fields).toEqual([
      [":method", "GET"],
      [":scheme", "http"],
      [":authority", "a.example"],
      [":path", "/b?q=%20%2F"],
      ["x-a", "1"],
      ["x-a", "2"],
      ["x-forwarded-for", "127.0.0.1"],
      ["x-forwarded-proto", "http"],
      ["x-forwarded-host", "a.example"],
      ["via", "1.1 sluice"],
      ["te", "trailers"],
    ]);
    expect(origin.streams[0]?.ended).toBe(true);
  });

  test("of HTTP/2 has its cookies put together (RFC 9113 8.2.3)", async () => {
    origin.plan = hello;
    const client = await RawH2.open(server.port);
    const cookies: [string, string][] = [
      ["cookie", "a=1"],
      ["x-a", "1"],
      ["cookie", "b=2"],
      ["cookie", "c=3"],
    ];
    client.send(request(1, cookies));
    await client.until(({ type }) => type === DATA);
    client.end();
    expect(origin.streams[0]?.fields.slice(4, 6)).toEqual([
      ["cookie", "a=1; b=2; c=3"],
      ["x-a", "1"],
    ]);
  });

  test.each([
    ["with a length", ["Content-Length: 5"], "hello", "5", undefined],
    [
      "in chunks",
      ["Transfer-Encoding: chunked"],
      "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
      undefined,
      undefined,
    ],
    [
      "in chunks with trailers",
      ["Transfer-Encoding: chunked"],
      "5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n",
      undefined,
      [["x-sum", "7"]],
    ],
  ])("content %s", async (_, list, body, declared, trailers) => {
    origin.onEnd = hello;
    expect(short(await ask(() => {}, { method: "POST", fields: list, body }))).toBe("200 5 hello");
    const [seen] = origin.streams;
    expect(seen).toMatchObject({ body: "hello", trailers });
    expect(seen?.field("content-length")).toBe(declared);
  });

  test("content of a megabyte waits for the origin's windows", async () => {
    origin.settings = setting(4, 1_000);
    await withFront({}, async (port) => {
      origin.plan = () => {};
      origin.onEnd = (s) => s.head(200).data(String(s.body.length), END_STREAM);
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: "POST",
        body: "x".repeat(MIB),
      });
      expect(await response.text()).toBe(String(MIB));
    });
  });

  test("content that the origin's window stops for too long is given up", async () => {
    origin.opensWindows = false;
    const body = "x".repeat(200_000);
    const answer = await ask(() => {}, {
      method: "POST",
      fields: [`Content-Length: ${body.length}`],
      body,
    });
    expect(short(answer)).toBe("504 idle_timeout");
    await until(() => origin.streams[0]?.resetWith === 8);
    expect(origin.streams[0]?.body.length).toBe(65_535);
    // Of the connection's window nothing is left: nobody else must wait for it.
    await until(() => origin.streams[0]?.connection.closed === true);
  });

  test("that is answered before its end is not sent further", async () => {
    const raw =
      "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhello";
    const { text } = await exchangeRaw(server.port, raw);
    expect(short(text)).toBe("200 5 hello");
    await until(() => origin.streams[0]?.resetWith !== undefined);
    expect(origin.streams[0]).toMatchObject({ resetWith: 0, ended: false });
  });

  test("that expects a 100 gets it from the backend, or its refusal without having sent the content", async () => {
    const list = ["Expect: 100-continue", "Content-Length: 5"];
    const refuses: Plan = (s) => s.head(417, [], END_STREAM);
    expect(short(await ask(refuses, { method: "PUT", fields: list }))).toBe("417 0 ");
    expect(origin.streams[0]?.field("expect")).toBe("100-continue");
    expect(origin.streams[0]?.body).toBe("");
    origin.onEnd = (s) => s.head(200).data(s.body, END_STREAM);
    const takes: Plan = (s) => s.head(100);
    const answer = await ask(takes, { method: "PUT", fields: list, body: "hello" });
    expect(answer).toEndWith("hello");
  });

  test("that is cut is reset for the backend", async () => {
    origin.plan = () => {};
    const raw = "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\nhello";
    await exchangeRaw(server.port, raw, { halfClose: true });
    await until(() => origin.streams[0]?.resetWith === 8);
    expect(origin.streams[0]?.ended).toBe(false);
  });

  test("whose client goes away is reset for the backend, and nothing else is", async () => {
    await withFront({}, async (port) => {
      origin.plan = (s) => void s.head(200).data("hello");
      const client = await RawH2.open(port);
      client.send(request(1));
      await client.until(({ type }) => type === DATA);
      client.send(frame(RST_STREAM, 0, 1, uint32(8)));
      await until(() => origin.streams[0]?.resetWith === 8);
      origin.plan = hello;
      expect(short(await askRaw(port))).toBe("200 5 hello");
      expect(origin.streams[1]?.connection).toBe(origin.streams[0]!.connection);
      client.end();
    });
  });

  test("that the backend refused goes again, even a POST", async () => {
    let calls = 0;
    const answer = await ask((s) => (calls++ === 0 ? s.reset(7) : hello(s)), { method: "POST" });
    expect(short(answer)).toBe("200 5 hello");
    expect(origin.streams).toHaveLength(2);
  });

  test("that came behind the backend's last goes again on another connection, even a POST", async () => {
    let calls = 0;
    const leaves: Plan = (s) => (calls++ === 0 ? s.goAway(s.id - 2) : hello(s));
    expect(short(await ask(leaves, { method: "POST" }))).toBe("200 5 hello");
    expect(new Set(origin.streams.map(({ connection }) => connection)).size).toBe(2);
  });
});

describe("connections to the backend", () => {
  test("carry many calls at a time, each its own answer", async () => {
    await withFront({}, async (port, target) => {
      const before = origin.connections.length;
      origin.plan = (s) => {
        setTimeout(() => s.head(200).data(s.field(":path")!, END_STREAM), 20);
      };
      const texts = await Promise.all(
        Array.from({ length: 60 }, async (_, i) =>
          (await fetch(`http://127.0.0.1:${port}/${i}`)).text(),
        ),
      );
      expect(texts).toEqual(Array.from({ length: 60 }, (_, i) => `/${i}`));
      expect(origin.connections.length - before).toBe(1);
      expect(target.backends[0]?.transport.connections).toEqual({ open: 1, idle: 1 });
    });
  });

  test("take no more calls than the backend allows: the others wait, or are refused", async () => {
    origin.settings = setting(3, 2);
    await withFront({ pool: { connections: 1, queue: 2 } }, async (port) => {
      origin.plan = () => {};
      const asked = Array.from({ length: 4 }, () => askRaw(port));
      await until(() => origin.streams.length === 2);
      await Bun.sleep(30);
      expect(short(await askRaw(port))).toBe("503 overloaded");
      expect(origin.streams).toHaveLength(2);
      origin.plan = hello;
      for (const stream of origin.streams.slice()) hello(stream);
      for (const answer of await Promise.all(asked)) expect(short(answer)).toBe("200 5 hello");
    });
  });

  test("are joined by another when they are full", async () => {
    origin.settings = setting(3, 2);
    await withFront({}, async (port, target) => {
      origin.plan = () => {};
      const asked = Array.from({ length: 5 }, () => askRaw(port));
      await until(() => origin.streams.length === 5);
      expect(target.backends[0]?.transport.connections.open).toBe(3);
      for (const stream of origin.streams) hello(stream);
      for (const answer of await Promise.all(asked)) expect(short(answer)).toBe("200 5 hello");
    });
  });

  test("that go away finish what they have taken", async () => {
    await withFront({}, async (port) => {
      origin.plan = (s) => void s.head(200, length(5)).data("he");
      const first = askRaw(port);
      await until(() => origin.streams.length === 1);
      const [begun] = origin.streams;
      begun!.goAway(0x7fffffff);
      await Bun.sleep(20);
      origin.plan = hello;
      expect(short(await askRaw(port))).toBe("200 5 hello");
      expect(origin.streams[1]?.connection).not.toBe(begun?.connection);
      begun!.goAway(begun!.id).data("llo", END_STREAM);
      expect(short(await first)).toBe("200 5 hello");
      await until(() => begun!.connection.closed);
    });
  });

  test("are closed with GOAWAY when they were idle for long, or too old", async () => {
    for (const pool of [{ idleMs: 50 }, { ageMs: 50 }]) {
      await withFront({ pool }, async (port) => {
        await askRaw(port);
        const { connection } = origin.streams.at(-1)!;
        await until(() => connection.closed);
        expect(connection.frames.at(-1)).toMatchObject({ type: GOAWAY });
      });
    }
  });

  test("that say nothing after a call took too long are asked before another one", async () => {
    await withFront({ timeouts: { firstByteMs: 100 } }, async (port) => {
      origin.plan = () => {};
      expect(short(await askRaw(port))).toBe("504 first_byte_timeout");
      const { connection } = origin.streams[0]!;
      await connection.until(({ type }) => type === PING);
      expect(short(await ask(hello))).toBe("200 5 hello");
    });
  });

  test.each<[string, (s: SeenStream) => Buffer]>([
    ["PING", () => frame(PING, 0, 0, Buffer.alloc(8))],
    ["SETTINGS", () => frame(SETTINGS, 0, 0)],
    ["empty DATA", (s) => frame(DATA, 0, s.id)],
    ["WINDOW_UPDATE", (s) => frame(WINDOW_UPDATE, 0, s.id, uint32(1))],
    ["PRIORITY", (s) => frame(2, 0, s.id, Buffer.alloc(5))],
  ])("flooded with %s are ended", async (_, one) => {
    const answer = await ask(
      (s) => s.head(200).raw(Buffer.concat(Array.from({ length: 1_500 }, () => one(s)))),
      { method: "POST" },
    );
    expect(short(answer)).not.toStartWith("200 5");
    const { connection } = origin.streams[0]!;
    const goAway = await connection.until(({ type }) => type === GOAWAY);
    expect(goAway?.payload.readUInt32BE(4)).toBe(11);
    expect(short(await ask(hello))).toBe("200 5 hello");
  });

  test("are not ended by what comes for calls that were given up", async () => {
    await withFront({}, async (port) => {
      origin.plan = (s) => {
        s.head(200).data("x");
        // The first of these finds nobody, and tells us so.
        for (const ms of [20, 40, 60]) setTimeout(() => s.data("more"), ms);
        setTimeout(() => s.end([["x-sum", "7"]]), 80);
      };
      const raw = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
      const leave = () => exchangeRaw(port, raw, { until: (text) => text.includes("x\r\n") });
      await Promise.all(Array.from({ length: 50 }, leave));
      await Bun.sleep(120);
      origin.plan = hello;
      expect(short(await askRaw(port))).toBe("200 5 hello");
      expect(new Set(origin.streams.map(({ connection }) => connection)).size).toBe(1);
      expect(origin.streams[0]?.connection.frames.some(({ type }) => type === RST_STREAM)).toBe(
        true,
      );
    });
  });

  test("on which many calls were given up are left before the backend takes offence", async () => {
    await withFront({}, async (port) => {
      origin.plan = (s) => void s.head(200).data("x");
      const before = origin.connections.length;
      const client = await RawH2.open(port);
      for (let id = 1; id < 200; id += 2) {
        client.send(request(id));
        await client.until(({ type, stream }) => stream === id && type === DATA);
        client.send(frame(RST_STREAM, 0, id, uint32(8)));
        await until(() => origin.streams.every(({ resetWith }) => resetWith === 8));
      }
      client.end();
      expect(origin.connections.length - before).toBe(2);
      await until(() => origin.connections[before]!.closed);
      expect(origin.connections[before]!.frames.at(-1)?.type).toBe(GOAWAY);
      expect(short(await ask(hello))).toBe("200 5 hello");
    });
  });

  test("to what speaks HTTP/1.1, or says nothing, are refused", async () => {
    const odd = createServer((socket) => {
      socket.on("error", () => {});
      if (says !== "") socket.end(says);
    });
    let says = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    await new Promise<void>((resolve) => odd.listen(0, "127.0.0.1", resolve));
    const backends = [`h2c://127.0.0.1:${(odd.address() as AddressInfo).port}`];
    await withFront({ backends, timeouts: { connectMs: 200 } }, async (port) => {
      expect(short(await askRaw(port))).toBe("502 bad_response");
      says = "";
      expect(short(await askRaw(port))).toBe("504 connect_timeout");
    });
    odd.close();
  });
});
