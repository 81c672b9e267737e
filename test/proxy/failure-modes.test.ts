// Ways in which proxies have failed, each through a gateway of a configuration file.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { trustedProxy } from "../../src/middleware/trusted-proxy/trusted-proxy.ts";
import { proxy } from "../../src/proxy/proxy.ts";
import { serve } from "../../src/server/serve.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { Http1Front, Http2Front } from "../support/front-client.ts";
import type { Gateway } from "../support/gateway.ts";
import { proxyTo, startGateway } from "../support/gateway.ts";
import {
  basics,
  DATA,
  END_HEADERS,
  END_STREAM,
  fields,
  frame,
  HEADERS,
  RawH2,
  request,
  RST_STREAM,
} from "../support/h2-frames.ts";
import { uint32 } from "../support/h2-origin.ts";
import { seededRandom } from "../support/random.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import type { SteeredOrigin } from "../support/steered-origin.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";
import { traversals } from "../support/traversals.ts";

let origin: SteeredOrigin;
let gateway: Gateway;
beforeAll(async () => {
  origin = await startSteeredOrigin();
  gateway = await startGateway(proxyTo([origin.address]));
});
afterAll(async () => {
  await gateway.close();
  await origin.close();
});
beforeEach(() => {
  origin.requests.length = 0;
});

const HOST = "Host: a.example\r\n";
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, one]) => one);

describe("smuggling", () => {
  const inner = `GET /inner HTTP/1.1\r\n${HOST}\r\n`;
  const post = (fields: string, body: string) =>
    `POST /outer HTTP/1.1\r\n${HOST}${fields}\r\n\r\n${body}`;
  const chunked = "Transfer-Encoding: chunked";

  test.each([
    ["a length and chunks", post(`Content-Length: 6\r\n${chunked}`, `0\r\n\r\n${inner}`)],
    ["chunks and a length", post(`${chunked}\r\nContent-Length: 6`, `0\r\n\r\n${inner}`)],
    ["two lengths", post("Content-Length: 0\r\nContent-Length: 44", inner)],
    ["a list of lengths", post("Content-Length: 0, 44", inner)],
    ["a length with a sign", post("Content-Length: +0", inner)],
    ["a coding before chunks", post("Transfer-Encoding: gzip, chunked", `0\r\n\r\n${inner}`)],
    ["a coding behind chunks", post("Transfer-Encoding: chunked, identity", `0\r\n\r\n${inner}`)],
    ["a coding with a tab", post("Transfer-Encoding:\x0bchunked", `0\r\n\r\n${inner}`)],
    ["a coding with a space before its colon", post("Transfer-Encoding : chunked", inner)],
    ["a coding that is folded", post("Transfer-Encoding:\r\n chunked", inner)],
    ["a coding in quotes", post('Transfer-Encoding: "chunked"', inner)],
    ["a coding that is misspelt", post("Transfer-Encoding: xchunked", inner)],
    ["a chunk size that ends with LF", post(chunked, `2\nxx\r\n0\r\n\r\n${inner}`)],
    ["a chunk that ends with LF", post(chunked, `2\r\nxx\n0\r\n\r\n${inner}`)],
    ["an extension with LF", post(chunked, `2;a\nxx\r\n0\r\n\r\n${inner}`)],
    ["an extension with CR", post(chunked, `2;a\rb\r\nxx\r\n0\r\n\r\n${inner}`)],
    ["a last chunk that ends with LF", post(chunked, `0\n\n${inner}`)],
    ["a chunk size with 0x", post(chunked, `0x2\r\nxx\r\n0\r\n\r\n${inner}`)],
    ["a chunk size that overflows", post(chunked, `10000000000000000\r\n\r\n${inner}`)],
    ["a head that ends with LF", `GET /outer HTTP/1.1\n${HOST}\n${inner}`],
    [
      "a field with a lone CR",
      `GET /outer HTTP/1.1\r\n${HOST}X: a\rContent-Length: 9\r\n\r\n${inner}`,
    ],
    ["a field with a NUL", `GET /outer HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n${inner}`],
    ["a name with a space", `GET /outer HTTP/1.1\r\n${HOST}X Y: a\r\n\r\n${inner}`],
    ["two hosts", `GET /outer HTTP/1.1\r\n${HOST}Host: b.example\r\n\r\n${inner}`],
    ["chunks in HTTP/1.0", `POST /outer HTTP/1.0\r\n${HOST}${chunked}\r\n\r\n0\r\n\r\n${inner}`],
    ["a trailer with a length", post(chunked, `0\r\nContent-Length: 9\r\n\r\n${inner}`)],
  ])("%s: nothing behind it is a request", async (_, raw) => {
    const { text, closed } = await exchangeRaw(gateway.port, raw, { quietMs: 3_000 });
    expect(statuses(text)).toHaveLength(1);
    expect(statuses(text)[0]).toMatch(/^(?:400|501|505)$/);
    expect(closed).toBe(true);
    expect(origin.requests.filter(({ head }) => head.includes("/inner"))).toEqual([]);
    // What had arrived before the fault may have gone on; it was not sent as a whole.
    for (const seen of origin.requests) expect(seen.body).not.toContain("inner");
  });

  test("what is two requests is two, framed afresh", async () => {
    const raw = post(chunked, `2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n${inner}`);
    await exchangeRaw(gateway.port, raw, { until: (all) => statuses(all).length === 2 });
    expect(origin.requests.map(({ head, body }) => [head.split(" ")[1], body])).toEqual([
      ["/outer", "abc"],
      ["/inner", ""],
    ]);
    expect(origin.requests[0]?.head).not.toMatch(/content-length/i);
  });

  test.each<[string, [string, string][]]>([
    ["a line break in a value", [["x-a", `1\r\n\r\n${inner}`]]],
    ["a line break in a name", [["x-a: 1\r\nx-b", "2"]]],
    ["a coding", [["transfer-encoding", "chunked"]]],
    ["a connection field", [["connection", "close"]]],
    ["a length that is none", [["content-length", "1a"]]],
    ["a length without content", [["content-length", "9"]]],
    ["a name with a colon", [["x-a:", "1"]]],
    ["capitals", [["X-A", "1"]]],
    ["a NUL", [["x-a", "1\0"]]],
  ])("in HTTP/2, %s: the stream is refused", async (_, more) => {
    const client = await RawH2.open(gateway.port);
    client.send(request(1, more));
    const answer = await client.until(({ stream }) => stream === 1);
    client.send(request(3));
    await client.until(({ stream }) => stream === 3);
    client.end();
    expect(answer).toBeDefined();
    expect(origin.requests.length).toBeLessThanOrEqual(1);
    for (const { head } of origin.requests) expect(head).not.toMatch(/inner|x-a|chunked/i);
  });
});

describe("rapid reset", () => {
  test("a client that resets what it asks for is cut off, the origin is spared, others are served", async () => {
    origin.plan = [{ wait: 50 }, { send: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" }];
    const client = await RawH2.open(gateway.port);
    for (let id = 1; id < 2_000; id += 2) {
      client.send(request(id), frame(RST_STREAM, 0, id, uint32(8)));
    }
    const other = await Http1Front.open(gateway.port);
    expect(await other.ask()).toBe("200 hello");
    other.end();
    while (!client.closed) await Bun.sleep(5);
    const [upstream] = gateway.upstreams;
    while (upstream?.load.inFlight !== 0) await Bun.sleep(5);
    // The limit on resets is 200.
    expect(origin.requests.length).toBeLessThan(250);
    origin.plan = [{ send: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" }];
  });
});

test("no spelling of a path reaches a route that is for others", async () => {
  await using open = await startSteeredOrigin();
  await using secret = await startSteeredOrigin();
  const config = `
[[upstream]]
name = "open"
backends = ["${open.address}"]
[[upstream]]
name = "secret"
backends = ["${secret.address}"]
[[route]]
match = { host = "inside.example" }
action = { type = "proxy", upstream = "secret" }
[[route]]
match = { path = ["/secret.txt", "/admin/*"] }
action = { type = "respond", status = 403, body = "no" }
[[route]]
action = { type = "proxy", upstream = "open" }
`;
  await using front = await startGateway(config);
  const paths = traversals("/secret.txt").flatMap((path) => [
    path,
    path.replaceAll("secret.txt", "admin/x"),
  ]);
  const clients = await Promise.all(Array.from({ length: 16 }, (_, i) => i));
  await Promise.all(
    clients.map(async (lane) => {
      for (let at = lane; at < paths.length; at += clients.length) {
        const target = paths[at] as string;
        const raw = `GET ${target} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
        const { text } = await exchangeRaw(front.port, raw, { quietMs: 5_000 });
        expect(text).toMatch(/^HTTP\/1\.1 (?:200|400|403|404) /);
      }
    }),
  );
  expect(secret.requests).toHaveLength(0);
  expect(open.requests.length).toBeGreaterThan(100);
  for (const { head } of open.requests) {
    const path = (head.split(" ")[1] as string).split("?")[0] as string;
    // What an origin may take for a way up or for a separator does not come, nor what the route is for.
    expect(path).not.toMatch(/%2f|%5c|\\|%00|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i);
    expect(path).not.toMatch(/^\/(?:secret\.txt$|admin\/)/);
  }
});

test("of X-Forwarded-For only what trusted proxies wrote is passed on", async () => {
  const upstream = new Upstream({ name: "origin", backends: [origin.address] });
  const app = new App()
    .use(trustedProxy({ trust: ["127.0.0.1", "10.0.0.0/8"] }))
    .add({ path: "/*", literal: true, handler: proxy(upstream) });
  const trusting = await serve(app, { port: 0, host: "127.0.0.1" });
  const random = seededRandom(41);
  const believed = ["10.0.0.1", "10.9.8.7", "10.255.0.3"];
  const strangers = ["192.0.2.1", "198.51.100.7", "2001:db8::5", "11.0.0.1"];
  const client = await Http1Front.open(trusting.port);
  const plain = await Http1Front.open(gateway.port);
  try {
    for (let round = 0; round < 150; round++) {
      const forged = Array.from({ length: random.below(4) }, () =>
        random.pick([...believed, ...strangers, "unknown", "_x", "", "127.0.0.1", "a b"]),
      );
      const from = random.pick(strangers);
      const hops = Array.from({ length: random.below(3) }, () => random.pick(believed));
      const chain = [...forged, from, ...hops].join(random.pick([", ", ",", " , "]));
      origin.requests.length = 0;
      expect(await client.ask({ fields: [`X-Forwarded-For: ${chain}`] })).toBe("200 hello");
      expect(await plain.ask({ fields: [`X-Forwarded-For: ${chain}`] })).toBe("200 hello");
      const seen = origin.requests.map(({ head }) => /^x-forwarded-for: (.*)$/gim.exec(head)?.[1]);
      expect(seen).toEqual([[from, ...hops, "127.0.0.1"].join(", "), "127.0.0.1"]);
    }
  } finally {
    client.end();
    plain.end();
    await trusting.close();
    upstream.close();
  }
});

test("slow clients are let go, hold no connection to the origin before they have asked, and keep nobody waiting", async () => {
  const limits = `[server.limits]
header_timeout_ms = 300
idle_ms = 400
body_rate_grace_ms = 200
min_body_rate = 1000`;
  await using front = await startGateway(proxyTo([origin.address], "", limits));
  const slow = async (head: string, piece: string): Promise<string> => {
    let text = "";
    let closed = false;
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: front.port,
      socket: {
        data: (_, chunk) => void (text += chunk.toString("latin1")),
        close: () => void (closed = true),
      },
    });
    socket.write(head);
    while (!closed) {
      await Bun.sleep(20);
      socket.write(piece);
      if (/\r\n\r\n/.test(text)) break;
    }
    socket.end();
    return text.slice(9, 12);
  };
  const heads = Array.from({ length: 30 }, () => slow(`GET / HTTP/1.1\r\n${HOST}X: `, "a"));
  const before = origin.connections;
  const uploads = Array.from({ length: 10 }, () =>
    slow(`POST / HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\n`, "a"),
  );
  origin.plan = [{ read: true }, { send: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" }];
  const good = await Http1Front.open(front.port);
  for (let i = 0; i < 50; i++) expect(await good.ask()).toBe("200 hello");
  good.end();
  expect(new Set(await Promise.all(heads))).toEqual(new Set(["408"]));
  expect(new Set(await Promise.all(uploads))).toEqual(new Set(["408"]));
  expect(origin.connections - before).toBeLessThanOrEqual(12);
  const [upstream] = front.upstreams;
  while (upstream?.load.inFlight !== 0) await Bun.sleep(5);
  while (origin.requests.some(({ head, closed }) => head.startsWith("POST") && !closed)) {
    await Bun.sleep(5);
  }
  origin.plan = [{ send: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" }];
});

describe("upgrade smuggling", () => {
  const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const ask = (upgrade: string, more = key) =>
    `GET /ws HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n${more}\r\n`;
  const inner = `GET /inner HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;

  test.each([
    ["websocket", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    ["websocket", "HTTP/1.1 426 X\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n"],
    ["websocket", "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
    ["h2c", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    ["TLS/1.2", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    ["websocket, h2c", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
  ])("%s, answered %j: what follows is a request like any other", async (upgrade, answer) => {
    origin.next.push([{ send: answer }]);
    const { text } = await exchangeRaw(gateway.port, ask(upgrade) + inner, { quietMs: 3_000 });
    expect(statuses(text)).toHaveLength(2);
    expect(text).toEndWith("hello");
    const last = origin.requests.at(-1)?.head ?? "";
    expect(last).toStartWith("GET /inner");
    expect(last).toMatch(/^x-forwarded-for: 127\.0\.0\.1$/im);
    for (const { head } of origin.requests)
      expect(head).not.toMatch(/^upgrade: (?!websocket\r$)/im);
  });

  test.each([["Content-Length: 5\r\n"], ["Transfer-Encoding: chunked\r\n"]])(
    "with content (%j) it is refused",
    async (more) => {
      const raw = ask("websocket", key + more) + inner;
      const { text } = await exchangeRaw(gateway.port, raw, { quietMs: 3_000 });
      expect(statuses(text)[0]).toBe("400");
      expect(origin.requests).toHaveLength(0);
    },
  );
});

test("a storm of failures is no storm of retries", async () => {
  const budget = "retry = { budget_percent = 20, min_per_sec = 0, backoff_ms = 0 }";
  const requests = 200;
  for (const broken of [
    [{ read: true as const }, { send: "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n" }],
    [{ read: true as const }, { send: "HTTP/1.1 200" }, { end: true as const }],
    [{ send: "garbage" }],
  ]) {
    await using one = await startSteeredOrigin();
    await using two = await startSteeredOrigin();
    one.plan = two.plan = broken;
    await using front = await startGateway(proxyTo([one.address, two.address], budget));
    const lanes = Array.from({ length: 10 }, async () => {
      const client = await Http2Front.open(front.port);
      for (let i = 0; i < requests / 10; i++) expect(await client.ask()).toMatch(/^50[23]/);
      client.end();
    });
    await Promise.all(lanes);
    const attempts = one.requests.length + two.requests.length;
    expect(attempts).toBeGreaterThan(requests);
    expect(attempts).toBeLessThanOrEqual(requests * 1.2);
  }
});

describe("connections that the origin closed while they were idle", () => {
  /** A front with so many idle connections, each of which breaks with its next request. */
  async function stale(count: number, more = "") {
    const old = await startSteeredOrigin();
    const answer = { send: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" };
    old.plan = [{ wait: 50 }, answer];
    const front = await startGateway(proxyTo([old.address], more));
    const clients = await Promise.all(
      Array.from({ length: count }, () => Http1Front.open(front.port)),
    );
    await Promise.all(clients.map((client) => client.ask()));
    expect(old.connections).toBe(count);
    old.requests.length = 0;
    old.plan = [answer];
    old.next.push(...Array.from({ length: count }, () => [{ reset: true as const }]));
    return {
      old,
      clients,
      async close() {
        for (const client of clients) client.end();
        await front.close();
        await old.close();
      },
    };
  }

  test("cost no GET its answer, however many they are", async () => {
    for (const more of ["", "retry = { attempts = 2, budget_percent = 0, min_per_sec = 0 }"]) {
      const { old, clients, close } = await stale(8, more);
      old.next.splice(0, 7, [{ reset: true }]);
      // A fresh connection is a good one: the plan of the next is for whoever comes on an old one.
      old.next.length = 1;
      expect(await clients[0]?.ask()).toBe("200 hello");
      expect(old.requests.map(({ connection }) => connection <= 8)).toEqual([true, false]);
      await close();
    }
  });

  test("cost a POST its answer, and it is not sent twice", async () => {
    const { old, clients, close } = await stale(1);
    expect(await clients[0]?.ask({ method: "POST", content: "once" })).toBe("502 reset");
    expect(old.requests).toHaveLength(1);
    await close();
  });

  test("are not used at all once it is known", async () => {
    await using old = await startSteeredOrigin();
    await using front = await startGateway(proxyTo([old.address]));
    const client = await Http1Front.open(front.port);
    for (let i = 0; i < 20; i++) {
      old.next.push([
        { send: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
        { wait: i % 5 },
        { end: true },
      ]);
      expect(await client.ask()).toBe("200 hello");
      await Bun.sleep(i);
    }
    client.end();
  });
});

describe("hop by hop", () => {
  const listed = [
    "X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto",
    "close, Authorization, Cookie",
    "keep-alive, Host, Content-Length",
    "x-forwarded-host, HOST, content-TYPE, Via",
    ", ,, X-Forwarded-For,",
  ];
  test.each(listed)("Connection: %s takes away nothing that others rely on", async (list) => {
    const client = await Http1Front.open(gateway.port);
    const sent = [
      `Connection: ${list}`,
      "Authorization: Basic YTpi",
      "Cookie: a=b",
      "Content-Type: text/x",
      "X-Other: 1",
    ];
    expect(await client.ask({ method: "POST", fields: sent, content: "abc" })).toBe("200 hello");
    client.end();
    const { head, body } = origin.requests[0]!;
    const names = head.split("\r\n").map((line) => line.split(":")[0]?.toLowerCase());
    for (const name of [
      "host",
      "authorization",
      "cookie",
      "content-type",
      "content-length",
      "x-other",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-forwarded-proto",
      "via",
    ]) {
      expect(names.filter((one) => one === name)).toEqual([name]);
    }
    expect(body).toBe("abc");
  });

  test("trailers say nothing that a head must say", async () => {
    origin.plan = [{ read: true }, { send: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" }];
    for (const name of ["host", "authorization", "cookie", "x-forwarded-for", "forwarded", "via"]) {
      const list: [string, string][] = [
        [name, "a"],
        ["x-sum", "7"],
      ];
      const client = await RawH2.open(gateway.port);
      client.send(
        frame(HEADERS, END_HEADERS, 1, fields(basics("POST"))),
        frame(DATA, 0, 1, Buffer.from("abc")),
        frame(HEADERS, END_HEADERS | END_STREAM, 1, fields(list)),
      );
      await client.until(({ stream, flags }) => stream === 1 && (flags & END_STREAM) !== 0);
      client.end();
      expect(origin.requests.at(-1)?.body).toBe("abc[x-sum: 7]");
    }
    const raw = `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Forwarded-For: a\r\n\r\n`;
    await exchangeRaw(gateway.port, raw, { until: (all) => all.endsWith("hello") });
    expect(origin.requests.at(-1)?.body).toBe("abc");
    origin.plan = [{ send: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" }];
  });

  test("what is for one connection ends here, listed or not, both ways and in both protocols", async () => {
    const answer =
      "HTTP/1.1 200 OK\r\nConnection: x-secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nProxy-Connection: close\r\nTE: x\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok";
    origin.next.push([{ send: answer }], [{ send: answer }]);
    const raw = `GET / HTTP/1.1\r\n${HOST}Connection: close, x-mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: x\r\nTE: gzip\r\nTrailer: x\r\n\r\n`;
    const { text } = await exchangeRaw(gateway.port, raw, { quietMs: 3_000 });
    const hop = /^(?:x-secret|keep-alive|proxy-|te|upgrade|x-mine|trailer)/im;
    expect(text).toEndWith("ok");
    expect(text).not.toMatch(hop);
    expect(origin.requests[0]?.head).not.toMatch(hop);
    const client = await Http2Front.open(gateway.port);
    expect(await client.ask()).toBe("200 ok");
    client.end();
  });
});
