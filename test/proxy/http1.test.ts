// What a client sees of an HTTP/1.1 backend that does as it is told, down to the byte.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { proxy } from "../../src/proxy/proxy.ts";
import { serve } from "../../src/server/serve.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import type { RawRequest } from "../support/raw-request.ts";
import { askRaw, short } from "../support/raw-request.ts";
import type { SteeredOrigin, Step } from "../support/steered-origin.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";

let origin: SteeredOrigin;
let upstream: Upstream;
let server: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  origin = await startSteeredOrigin();
  upstream = new Upstream({
    name: "origin",
    backends: [origin.address],
    timeouts: { firstByteMs: 400, idleMs: 400 },
  });
  server = await serve(new App().add({ path: "/*", literal: true, handler: proxy(upstream) }), {
    port: 0,
  });
});
afterAll(async () => {
  await server.close();
  upstream.close();
  await origin.close();
});
beforeEach(() => {
  origin.requests.length = 0;
});

/** Has the origin take the steps, and sends it a request. */
async function ask(
  steps: readonly Step[] | undefined,
  request: Partial<RawRequest> = {},
): Promise<string> {
  if (steps !== undefined) origin.next.push([...steps]);
  return await askRaw(server.port, request);
}

const answers = (text: string): Step[] => [{ send: text }];
const OK = "HTTP/1.1 200 OK\r\n";

describe("an answer", () => {
  test.each<[string, Step[], string]>([
    ["of known length", answers(`${OK}Content-Length: 5\r\n\r\nhello`), "200 5 hello"],
    [
      "in pieces",
      [
        { send: "HTTP/1.1 2" },
        { wait: 5 },
        { send: "00 OK\r\nContent-Length: 5\r\n\r\nhe" },
        { wait: 5 },
        { send: "llo" },
      ],
      "200 5 hello",
    ],
    [
      "in chunks",
      answers(`${OK}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n`),
      "200 chunked 5|hello|0||",
    ],
    [
      "until the connection ends",
      [{ send: `${OK}\r\nhello` }, { end: true }],
      "200 chunked 5|hello|0||",
    ],
    [
      "of HTTP/1.0",
      [{ send: "HTTP/1.0 200 OK\r\n\r\nhello" }, { end: true }],
      "200 chunked 5|hello|0||",
    ],
    ["without content", answers("HTTP/1.1 204 No Content\r\n\r\n"), "204 close "],
    ["that is empty", answers(`${OK}Content-Length: 0\r\n\r\n`), "200 0 "],
    [
      "that is not modified",
      answers('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 5\r\n\r\n'),
      "304 5 ",
    ],
    ["of an unknown status", answers("HTTP/1.1 599 Odd\r\nContent-Length: 1\r\n\r\nx"), "599 1 x"],
    [
      "with trailers",
      answers(`${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 7\r\n\r\n`),
      "200 chunked 1|x|0|X-Sum: 7||",
    ],
    [
      "behind early hints",
      answers(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`),
      "103 close HTTP/1.1 200 OK|Content-Length: 1|Date",
    ],
  ])("%s", async (_, steps, expected) => {
    expect(short(await ask(steps))).toStartWith(expected);
  });

  test.each<[string, Step[], string]>([
    ["that is none", answers("<html>"), "502 bad_response"],
    [
      "with two lengths",
      answers(`${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`),
      "502 bad_response",
    ],
    [
      "with a length and chunks",
      answers(`${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
      "502 bad_response",
    ],
    [
      "with a coding that is unknown",
      answers(`${OK}Transfer-Encoding: gzip\r\n\r\n`),
      "502 bad_response",
    ],
    [
      "with bare line feeds",
      answers("HTTP/1.1 200 OK\nContent-Length: 1\n\nx"),
      "502 bad_response",
    ],
    [
      "with a header section that has no end",
      answers(`${OK}${"A: b\r\n".repeat(20_000)}`),
      "502 bad_response",
    ],
    [
      "of informational replies without an end",
      answers("HTTP/1.1 102 Processing\r\n\r\n".repeat(40)),
      "102",
    ],
    [
      "that changes the protocol unasked",
      answers(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      ),
      "502 bad_upgrade",
    ],
    [
      "with a chunk that is none at once",
      answers(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n`),
      "502 bad_response",
    ],
    ["that never comes: closed", [{ end: true }], "502 reset"],
    ["that never comes: reset", [{ reset: true }], "502 reset"],
    ["that never comes: silent", [{ wait: 1_500 }], "504 first_byte_timeout"],
  ])("%s is refused", async (_, steps, expected) => {
    expect(short(await ask(steps, { method: "POST" }))).toStartWith(expected);
  });

  test.each<[string, Step[]]>([
    ["closed within its length", [{ send: `${OK}Content-Length: 9\r\n\r\nhello` }, { end: true }]],
    [
      "closed within a chunk",
      [{ send: `${OK}Transfer-Encoding: chunked\r\n\r\n9\r\nhello` }, { end: true }],
    ],
    ["reset without an end", [{ send: `${OK}\r\nhello` }, { reset: true }]],
    ["stalled", [{ send: `${OK}Content-Length: 9\r\n\r\nhello` }, { wait: 1_500 }]],
  ])("%s is cut for the client too", async (_, steps) => {
    const answer = await ask(steps);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toStartWith("HTTP/1.1 200");
    expect(body).not.toEndWith("0");
    expect(Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 1e9)).toBeGreaterThan(body.length);
  });

  test("to HEAD tells its length and has no content", async () => {
    const steps = answers(`${OK}Content-Length: 12345\r\nContent-Type: text/x\r\n\r\n`);
    expect(short(await ask(steps, { method: "HEAD" }))).toBe("200 12345 ");
  });

  test("loses what was for one connection, and keeps the rest as it was", async () => {
    const fields =
      "Connection: X-Gone, close\r\nX-Gone: 1\r\nKeep-Alive: timeout=5\r\nSet-Cookie: a=1\r\nsEt-cOOkie: b=2\r\nDate: Tue, 03 Nov 2026 10:00:00 GMT\r\nServer: Odd\r\n";
    const answer = await ask(answers(`${OK}${fields}Content-Length: 0\r\n\r\n`));
    expect(answer.split("\r\n\r\n")[0]?.split("\r\n")).toEqual([
      "HTTP/1.1 200 OK",
      "Set-Cookie: a=1",
      "sEt-cOOkie: b=2",
      "Date: Tue, 03 Nov 2026 10:00:00 GMT",
      "Server: Odd",
      "Content-Length: 0",
      "Connection: close",
    ]);
  });
});

describe("a request", () => {
  test("goes on without what was for one connection, with what we know of the client", async () => {
    await ask(undefined, {
      target: "/a/../b%2e?q=%20%2F",
      fields: [
        "X-A: 1",
        "x-a: 2",
        "Connection: X-Gone, X-Forwarded-Host",
        "X-Gone: 1",
        "X-Forwarded-For: 10.0.0.1",
        "Forwarded: for=10.0.0.1",
        "TE: trailers",
        "Proxy-Authorization: x",
      ],
    });
    expect(origin.requests[0]?.head.split("\r\n")).toEqual([
      "GET /b. HTTP/1.1".replace("/b.", "/b.?q=%20%2F"),
      "Host: a.example",
      "X-A: 1",
      "x-a: 2",
      "X-Forwarded-For: 127.0.0.1",
      "X-Forwarded-Proto: http",
      "X-Forwarded-Host: a.example",
      "Via: 1.1 sluice",
      "Connection: TE",
      "TE: trailers",
      "",
      "",
    ]);
  });

  test.each([
    ["with a length", ["Content-Length: 5"], "hello", "hello"],
    ["in chunks", ["Transfer-Encoding: chunked"], "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello"],
    [
      "in chunks with trailers",
      ["Transfer-Encoding: chunked"],
      "5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n",
      "hello[X-Sum: 7]",
    ],
  ])("content %s", async (_, fields, body, expected) => {
    const echo: Step[] = [
      { read: true },
      { send: `${OK}Content-Length: ${expected.length}\r\n\r\n` },
      { echo: true },
    ];
    expect(short(await ask(echo, { method: "POST", fields, body }))).toBe(
      `200 ${expected.length} ${expected}`,
    );
  });

  test("of an unknown method, and one without content that could have some", async () => {
    await ask(undefined, { method: "PURGE" });
    await ask(undefined, { method: "POST", fields: ["Content-Length: 0"] });
    expect(origin.requests.map(({ head }) => head.split(" ")[0])).toEqual(["PURGE", "POST"]);
    expect(origin.requests[1]?.head).toContain("Content-Length: 0");
  });

  test("that expects a 100 gets it from the backend, or its refusal without having sent the content", async () => {
    const fields = ["Expect: 100-continue", "Content-Length: 5"];
    const refuses = answers("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
    expect(short(await ask(refuses, { method: "PUT", fields }))).toBe("417 0 ");
    const takes: Step[] = [
      { send: "HTTP/1.1 100 Continue\r\n\r\n" },
      { read: true },
      { send: `${OK}Content-Length: 5\r\n\r\n` },
      { echo: true },
    ];
    const answer = await ask(takes, { method: "PUT", fields, body: "hello" });
    expect(answer).toEndWith("hello");
    origin.next.push([{ send: "HTTP/1.1 100 Continue\r\n\r\n" }]);
    const head =
      "PUT / HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    const { text } = await exchangeRaw(server.port, head, { until: (all) => all !== "" });
    expect(text).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  });

  test("that is cut is cut for the backend", async () => {
    const raw = "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\nhello";
    await exchangeRaw(server.port, raw, { halfClose: true });
    while (origin.requests[0]?.closed !== true) await Bun.sleep(5);
    expect(origin.requests[0].body.length).toBeLessThan(9);
  });
});

describe("connections to the backend", () => {
  test("are used again, one request at a time", async () => {
    const before = origin.connections;
    for (let i = 0; i < 5; i++) expect(short(await ask(undefined))).toBe("200 5 hello");
    expect(origin.connections - before).toBeLessThanOrEqual(1);
    const close = answers(`${OK}Connection: close\r\nContent-Length: 1\r\n\r\nx`);
    await ask(close);
    await ask(undefined);
    expect(origin.connections - before).toBeLessThanOrEqual(2);
  });

  test("with bytes behind an answer are not", async () => {
    const forged = `${OK}Content-Length: 6\r\n\r\nforged`;
    await ask(answers(`${OK}Content-Length: 1\r\n\r\nx${forged}`));
    await ask([{ send: `${OK}Content-Length: 1\r\n\r\nx` }, { wait: 20 }, { send: forged }]);
    await Bun.sleep(60);
    for (let i = 0; i < 4; i++) expect(short(await ask(undefined))).toBe("200 5 hello");
  });

  test("that the backend closed while they were idle: a GET goes again, a POST is not sent twice", async () => {
    for (const [method, expected] of [
      ["GET", "200 5 hello"],
      ["POST", "502 reset"],
    ] as const) {
      await ask(undefined);
      origin.requests.length = 0;
      const asking = ask([{ reset: true }], { method });
      expect(short(await asking)).toBe(expected);
      expect(origin.requests).toHaveLength(method === "GET" ? 2 : 1);
    }
  });
});

describe("a request that not everybody may pass on", () => {
  const seen = (): string => origin.requests.map(({ head }) => head).join("");

  test.each(["TRACE", "TRACE with Max-Forwards: 0"])("%s sends nothing back", async (what) => {
    const fields = ["Cookie: session=secret", "Authorization: Bearer secret"];
    if (what !== "TRACE") fields.push("Max-Forwards: 0");
    const answer = await ask(undefined, { method: "TRACE", fields });
    expect(short(answer)).toBe("405 trace_not_proxied");
    expect(answer).toMatch(/^allow: .*GET/im);
    expect(answer).not.toContain("secret");
    expect(origin.requests).toHaveLength(0);
  });

  test("OPTIONS with no hop left is answered here, else counts down", async () => {
    const options = (fields: string[]) => ask(undefined, { method: "OPTIONS", fields });
    const here = await options(["Max-Forwards: 0"]);
    expect(here).toStartWith("HTTP/1.1 204 ");
    expect(here).toMatch(/^allow: .*OPTIONS/im);
    expect(origin.requests).toHaveLength(0);
    await options(["max-forwards: 10", "X-A: b"]);
    expect(seen()).toMatch(/^max-forwards: 9\r$/im);
    expect(seen()).toMatch(/^x-a: b\r$/im);
  });

  test.each(["-1", "x", "1, 2", "0, 0", "99999999999"])(
    "Max-Forwards: %s says nothing, and is passed on",
    async (value) => {
      await ask(undefined, { method: "OPTIONS", fields: [`Max-Forwards: ${value}`] });
      expect(seen()).toContain(`Max-Forwards: ${value}\r\n`);
    },
  );

  test("of other methods it is as it was", async () => {
    await ask(undefined, { fields: ["Max-Forwards: 0"] });
    expect(seen()).toContain("GET / HTTP/1.1\r\n");
    expect(seen()).toContain("Max-Forwards: 0\r\n");
  });
});
