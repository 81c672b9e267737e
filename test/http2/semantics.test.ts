import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { connect } from "node:http2";
import { Reply } from "../../src/core/reply.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { echoApp } from "../support/echo-app.ts";
import * as h2 from "../support/h2-frames.ts";
import { RawH2 } from "../support/h2-frames.ts";

let server: Server;
let session: ClientHttp2Session;
const late = Promise.withResolvers<number>();
const outcomes: { status: number; error: unknown }[] = [];

beforeAll(async () => {
  const app = echoApp()
    .get("/push", (c) => c.exchange.push("/pushed.css"))
    .get("/pushed.css", () => "pushed")
    .add({
      path: "/tunnel",
      methods: ["CONNECT"],
      handler(c) {
        const tunnel = c.exchange.takeover(200, new HeaderList());
        void (async () => {
          for (let chunk = await tunnel.pull(); chunk !== null; chunk = await tunnel.pull())
            tunnel.write(chunk);
          tunnel.end();
        })();
        return Reply.TAKEN;
      },
    });
  app.add({
    path: "/late",
    methods: ["CONNECT"],
    handler(c) {
      const tunnel = c.exchange.takeover(200, new HeaderList());
      tunnel.write("bye");
      tunnel.end();
      void (async () => {
        let bytes = 0;
        for (let chunk = await tunnel.pull(); chunk !== null; chunk = await tunnel.pull())
          bytes += chunk.byteLength;
        late.resolve(bytes);
      })().catch(late.reject);
      return Reply.TAKEN;
    },
  });
  server = await serve(app, {
    port: 0,
    limits: { bodyBytes: 1_500_000, streams: 20 },
    observer: { finished: (_, outcome) => outcomes.push(outcome) },
  });
  session = connect(`http://127.0.0.1:${server.port}`);
});
afterAll(async () => {
  session.destroy();
  await server.close();
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  trailers: IncomingHttpHeaders | undefined;
  informational: IncomingHttpHeaders[];
  code: number;
}

function collect(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve) => {
    const answer: Answer = {
      status: 0,
      headers: {},
      text: "",
      trailers: undefined,
      informational: [],
      code: 0,
    };
    stream.on("response", (headers) => {
      answer.headers = headers;
      answer.status = Number(headers[":status"]);
    });
    stream.on("headers", (headers) => answer.informational.push(headers));
    stream.on("trailers", (trailers) => (answer.trailers = trailers));
    stream.on("data", (chunk) => (answer.text += chunk));
    stream.on("error", () => {});
    stream.on("close", () => resolve({ ...answer, code: stream.rstCode ?? 0 }));
  });
}

function ask(headers: Record<string, string | string[]>, body?: string): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  const answer = collect(stream);
  if (body !== undefined) stream.end(body);
  return answer;
}

describe("a request", () => {
  test("arrives with its fields in order, duplicates kept, and no pseudo-headers", async () => {
    const { text } = await ask({ ":path": "/a/%7e?q=1", "x-b": ["1", "2"], "x-a": "3" });
    const seen = JSON.parse(text);
    expect(seen).toMatchObject({
      protocol: "HTTP/2",
      method: "GET",
      path: "/a/~",
      query: "q=1",
      body: null,
    });
    expect(seen.fields).toEqual(["x-b", "1", "x-b", "2", "x-a", "3"]);
  });

  test("with content, also when nothing says how long it is", async () => {
    const { text } = await ask({ ":method": "POST", ":path": "/echo" }, "hello");
    expect(JSON.parse(text).body).toBe("hello");
  });

  test("with trailers", async () => {
    const stream = session.request(
      { ":method": "POST", ":path": "/echo" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "42" }));
    const answer = collect(stream);
    stream.end("a");
    expect(JSON.parse((await answer).text).trailers).toEqual(["x-sum", "42"]);
  });

  test("with an unknown method reaches the App", async () => {
    expect(JSON.parse((await ask({ ":method": "BREW", ":path": "/" })).text).method).toBe("BREW");
  });

  test("whose content nobody reads is answered, and the rest is not wanted", async () => {
    const stream = session.request({ ":method": "POST", ":path": "/unread" });
    const answer = collect(stream);
    stream.write("x");
    expect((await answer).status).toBe(200);
    expect((await answer).code).toBe(0);
  });

  test("that expects 100-continue gets it when its content is read", async () => {
    const stream = session.request({ ":method": "POST", ":path": "/echo", expect: "100-continue" });
    const answer = collect(stream);
    await new Promise((resolve) => stream.on("continue", () => resolve(undefined)));
    stream.end("later");
    expect(JSON.parse((await answer).text).body).toBe("later");
  });
});

describe("an answer", () => {
  test("to HEAD has a length and no content", async () => {
    const { headers, text } = await ask({ ":method": "HEAD", ":path": "/sized" });
    expect([headers["content-length"], text]).toEqual(["6", ""]);
  });

  test("of 204 and 304 has neither", async () => {
    for (const path of ["/204", "/304"]) {
      const { headers, text } = await ask({ ":path": path });
      expect([headers["content-length"], text]).toEqual([undefined, ""]);
    }
  });

  test("is streamed, with trailers", async () => {
    expect((await ask({ ":path": "/stream" })).text).toBe("stream");
    const { text, trailers } = await ask({ ":path": "/trailers" });
    expect([text, trailers?.["x-sum"]]).toEqual(["a", "42"]);
  });

  test("may be preceded by 103", async () => {
    const raw = connect(`http://127.0.0.1:${server.port}`, { settings: { enablePush: false } });
    const answer = await collect(raw.request({ ":path": "/hints" }));
    expect(answer.informational[0]?.["link"]).toContain("</style.css>; rel=preload; as=style");
    raw.destroy();
  });

  test("may come with a pushed one where the client takes it", async () => {
    const pushing = connect(`http://127.0.0.1:${server.port}`, { settings: { enablePush: true } });
    const pushed = new Promise<Answer>((resolve) => {
      pushing.on("stream", (stream) => resolve(collect(stream as unknown as ClientHttp2Stream)));
    });
    expect((await collect(pushing.request({ ":path": "/push" }))).text).toBe("push");
    expect((await pushed).text).toBe("pushed");
    pushing.destroy();
  });

  test("is a plain 500 when the handler throws", async () => {
    const { status, text } = await ask({ ":path": "/throws" });
    expect(status).toBe(500);
    expect(text).not.toContain("secret");
  });

  for (const path of ["/broken", "/short", "/overlong"]) {
    test(`whose body fails is an error the client sees: ${path}`, async () => {
      const before = outcomes.length;
      expect((await ask({ ":path": path })).code).not.toBe(0);
      expect(outcomes.slice(before).map((one) => one.error instanceof Error)).toEqual([true]);
    });
  }
});

test("CONNECT with a protocol becomes a tunnel (RFC 8441)", async () => {
  const stream = session.request(
    { ":method": "CONNECT", ":protocol": "echo", ":path": "/tunnel", ":scheme": "http" },
    { endStream: false },
  );
  const answer = collect(stream);
  stream.write("ping");
  await new Promise((resolve) => stream.once("data", resolve));
  stream.end("pong");
  expect((await answer).text).toBe("pingpong");
});

test("each side of a tunnel ends by itself, and the pauses of the other are no fault", async () => {
  const stream = session.request(
    { ":method": "CONNECT", ":protocol": "echo", ":path": "/late", ":scheme": "http" },
    { endStream: false },
  );
  const answer = collect(stream);
  await new Promise((resolve) => stream.once("end", resolve));
  // Over the limit on content, which is not about tunnels.
  stream.end("x".repeat(2_000_000));
  expect(await answer).toMatchObject({ text: "bye", code: 0 });
  expect(await late.promise).toBe(2_000_000);
});

describe("limits", () => {
  test("content over the limit: 413, by its length or as it comes", async () => {
    expect(
      (
        await ask(
          { ":method": "POST", ":path": "/echo", "content-length": "2000000" },
          "x".repeat(2_000_000),
        )
      ).status,
    ).toBe(413);
    expect((await ask({ ":method": "POST", ":path": "/echo" }, "x".repeat(2_000_000))).status).toBe(
      413,
    );
  });

  test("fields over the limit: 431", async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-${i}`, "1"]));
    expect((await ask({ ":path": "/", ...many })).status).toBe(431);
    expect((await ask({ ":path": `/${"x".repeat(9_000)}` })).status).toBe(414);
  });

  test("a stream over the limit is refused so that it may be tried again", async () => {
    const client = await RawH2.open(server.port);
    for (let i = 0; i < 21; i++) {
      client.send(
        h2.frame(h2.HEADERS, h2.END_HEADERS, i * 2 + 1, h2.fields(h2.basics("POST", "/echo"))),
      );
    }
    const reset = await client.until((one) => one.type === h2.RST_STREAM);
    expect([reset?.stream, reset?.payload.readUInt32BE()]).toEqual([41, 7]);
    client.end();
  });
});

describe("what RFC 9113 calls a stream error", () => {
  const post = h2.frame(
    h2.HEADERS,
    h2.END_HEADERS,
    1,
    h2.fields([...h2.basics("POST", "/echo"), ["content-length", "3"]]),
  );
  for (const [name, frames, code] of [
    [
      "8.1.1: more DATA than content-length",
      [post, h2.frame(h2.DATA, 0, 1, Buffer.from("abcd"))],
      1,
    ],
    [
      "8.1.1: less DATA than content-length",
      [post, h2.frame(h2.DATA, h2.END_STREAM, 1, Buffer.from("ab"))],
      1,
    ],
    ["8.1.1: a content-length and no content", [h2.request(1, [["content-length", "3"]])], 1],
    ["8.2.1: an upper-case name", [h2.request(1, [["X", "1"]])], 1],
    ["8.2.1: a line break in a value", [h2.request(1, [["x", "a\r\nb: c"]])], 1],
    ["8.2.1: NUL in a value", [h2.request(1, [["x", "a\0"]])], 1],
    ["8.2.2: Connection", [h2.request(1, [["connection", "close"]])], 1],
    ["8.2.2: Transfer-Encoding", [h2.request(1, [["transfer-encoding", "chunked"]])], 1],
    ["8.2.2: TE that is not trailers", [h2.request(1, [["te", "gzip"]])], 1],
    [
      "8.3: a pseudo-header behind a field",
      [
        h2.request(1, [
          ["x", "1"],
          [":path", "/"],
        ]),
      ],
      1,
    ],
    ["8.3: an unknown pseudo-header", [h2.request(1, [[":x", "1"]])], 1],
    ["8.3: a pseudo-header twice", [h2.request(1, [[":path", "/"]])], 1],
    [
      "8.3.1: no :path",
      [
        h2.frame(
          h2.HEADERS,
          5,
          1,
          h2.fields([
            [":method", "GET"],
            [":scheme", "http"],
          ]),
        ),
      ],
      1,
    ],
    ...(
      [
        ["8.3.1: a :method with a blank", { ":method": "GET /x" }],
        ["8.3.1: an empty :method", { ":method": "" }],
        ["8.3.1: a blank in the query", { ":path": "/?a HTTP/1.1" }],
        ["8.5: CONNECT with a :path", { ":method": "CONNECT", ":authority": "a.example:443" }],
        ["RFC 8441: :protocol without CONNECT", { ":protocol": "websocket" }],
      ] as [string, Record<string, string>][]
    ).map(([name, changed]) => {
      const list = new Map([...h2.basics("GET"), ...Object.entries(changed)]);
      return [name, [h2.frame(h2.HEADERS, 5, 1, h2.fields([...list]))], 1];
    }),
    [
      "6.9: a window update of nothing",
      [post, h2.frame(h2.WINDOW_UPDATE, 0, 1, Buffer.alloc(4))],
      1,
    ],
    [
      "6.9.1: a window that is too large",
      [post, h2.frame(h2.WINDOW_UPDATE, 0, 1, Buffer.from([0x7f, 255, 255, 255]))],
      3,
    ],
    [
      "5.1: DATA behind END_STREAM",
      [
        h2.frame(h2.HEADERS, 5, 1, h2.fields(h2.basics("GET", "/slow"))),
        h2.frame(h2.DATA, 0, 1, Buffer.from("a")),
      ],
      5,
    ],
    [
      "8.1: trailers without END_STREAM",
      [post, h2.frame(h2.HEADERS, h2.END_HEADERS, 1, h2.fields([["x", "1"]]))],
      1,
    ],
  ] as [string, Buffer[], number][]) {
    test(name, async () => {
      const client = await RawH2.open(server.port);
      client.send(...frames);
      const reset = await client.until((one) => one.type === h2.RST_STREAM);
      expect([reset?.stream, reset?.payload.readUInt32BE()]).toEqual([1, code]);
      // The connection goes on.
      client.send(h2.request(3));
      expect(
        (await client.until((one) => one.type === h2.HEADERS && one.stream === 3))?.stream,
      ).toBe(3);
      client.end();
    });
  }
});

describe("what RFC 9113 calls a connection error", () => {
  for (const [name, frames, code] of [
    ["5.1: DATA on an idle stream", [h2.frame(h2.DATA, 0, 1, Buffer.from("a"))], 1],
    ["5.1.1: an even stream", [h2.request(2)], 1],
    ["5.1.1: a stream below the last one", [h2.request(5), h2.request(3)], 5],
    ["4.2: a frame that is too large", [h2.frame(h2.DATA, 0, 1, Buffer.alloc(16_385))], 6],
    ["4.3: a block that cannot be decoded", [h2.frame(h2.HEADERS, 5, 1, Buffer.from([0x80]))], 9],
    ["6.1: DATA on no stream", [h2.frame(h2.DATA, 0, 0, Buffer.from("a"))], 1],
    [
      "6.1: more padding than payload",
      [
        h2.frame(h2.HEADERS, 4, 1, h2.fields(h2.basics("POST"))),
        h2.frame(h2.DATA, 8, 1, Buffer.from([9, 1])),
      ],
      1,
    ],
    [
      "6.2: another frame within a header block",
      [h2.frame(h2.HEADERS, 0, 1, Buffer.alloc(0)), h2.frame(h2.PING, 0, 0, Buffer.alloc(8))],
      1,
    ],
    ["6.3: PRIORITY of four bytes", [h2.frame(h2.PRIORITY, 0, 1, Buffer.alloc(4))], 6],
    ["6.4: RST_STREAM on an idle stream", [h2.frame(h2.RST_STREAM, 0, 1, Buffer.alloc(4))], 1],
    ["6.5: SETTINGS on a stream", [h2.frame(h2.SETTINGS, 0, 1)], 1],
    ["6.5: SETTINGS of five bytes", [h2.frame(h2.SETTINGS, 0, 0, Buffer.alloc(5))], 6],
    ["6.5: an acknowledgement with payload", [h2.frame(h2.SETTINGS, 1, 0, Buffer.alloc(6))], 6],
    ["6.5.2: ENABLE_PUSH of 2", [h2.frame(h2.SETTINGS, 0, 0, Buffer.from([0, 2, 0, 0, 0, 2]))], 1],
    [
      "6.5.2: an initial window that is too large",
      [h2.frame(h2.SETTINGS, 0, 0, Buffer.from([0, 4, 255, 0, 0, 0]))],
      3,
    ],
    ["6.6: PUSH_PROMISE from a client", [h2.frame(5, 4, 1, Buffer.alloc(4))], 1],
    ["6.7: PING of seven bytes", [h2.frame(h2.PING, 0, 0, Buffer.alloc(7))], 6],
    [
      "6.9: a window update of nothing for the connection",
      [h2.frame(h2.WINDOW_UPDATE, 0, 0, Buffer.alloc(4))],
      1,
    ],
    ["6.10: CONTINUATION without HEADERS", [h2.frame(h2.CONTINUATION, 4, 1)], 1],
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

test("a server that drains says GOAWAY, answers what is open and ends", async () => {
  const leaving = await serve(echoApp(), { port: 0 });
  const client = await RawH2.open(leaving.port);
  client.send(h2.frame(h2.HEADERS, 5, 1, h2.fields(h2.basics("GET", "/slow"))));
  const done = leaving.drain();
  await client.until((one) => one.type === h2.GOAWAY);
  await client.until((one) => one.stream === 1 && (one.flags & h2.END_STREAM) !== 0);
  await done;
  await client.until(() => client.closed);
});
