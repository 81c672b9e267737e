import { expect, test } from "bun:test";
import zlib from "node:zlib";
import { startGateway } from "../support/gateway.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";

const toml = (backend: string, middleware: string) => `
[[upstream]]
name = "app"
backends = ["${backend}"]
[[route]]
action = { type = "proxy", upstream = "app" }
[route.middleware]
${middleware}
`;

const page = (body: string, ...fields: string[]) =>
  [
    "HTTP/1.1 200 OK",
    "Content-Type: text/html",
    `Content-Length: ${body.length}`,
    ...fields,
    "",
    body,
  ].join("\r\n");

test("text of a backend's pages is replaced, framed afresh, and compressed for who likes that", async () => {
  await using origin = await startSteeredOrigin();
  const own = `http://${origin.address}/`;
  await using gateway = await startGateway(
    toml(
      origin.address,
      `compress = { min_size = 0 }
[[route.middleware.rewrite_response.body]]
from = "${own}"
to = "\${scheme}://\${host}/"
[[route.middleware.rewrite_response.body]]
from = "~v([0-9]+)"
to = "version $1"`,
    ),
  );
  const more = "<p>more</p>".repeat(20);
  const body = `<a href="${own}x">v12</a>${more}`;
  origin.plan = [{ send: page(body, 'ETag: "x"', "Accept-Ranges: bytes") }];
  const public_ = `<a href="http://shop.example/x">version 12</a>${more}`;
  const ask = (headers: Record<string, string> = {}, method = "GET") =>
    fetch(`http://127.0.0.1:${gateway.port}/`, {
      method,
      headers: { host: "shop.example", "accept-encoding": "identity", ...headers },
      decompress: false,
    });
  const plain = await ask({ range: "bytes=0-3" });
  expect([plain.status, await plain.text()]).toEqual([200, public_]);
  expect(plain.headers.get("content-length")).toBe(String(public_.length));
  expect([plain.headers.get("etag"), plain.headers.get("accept-ranges")]).toEqual(['W/"x"', null]);
  expect(origin.requests[0]?.head.toLowerCase()).not.toContain("range:");
  expect(origin.requests[0]?.head.toLowerCase()).toContain("accept-encoding: identity\r\n");
  const packed = await ask({ "accept-encoding": "gzip" });
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(zlib.gunzipSync(await packed.bytes()).toString()).toBe(public_);
  origin.plan = [
    {
      send: `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n`,
    },
  ];
  const head = await ask({}, "HEAD");
  expect([head.headers.get("content-length"), await head.text()]).toEqual([null, ""]);
});

test("pieces of a page are put together; what is coded nevertheless, or too large, goes as it came", async () => {
  await using origin = await startSteeredOrigin();
  await using gateway = await startGateway(
    toml(
      origin.address,
      'rewrite_response = { body = [{ from = "old", to = "new" }], max_size = 1000 }',
    ),
  );
  const ask = async () =>
    (await fetch(`http://127.0.0.1:${gateway.port}/`, { decompress: false })).bytes();
  const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
  origin.plan = [{ send: `${head}2\r\n-o\r\n` }, { wait: 5 }, { send: "3\r\nld-\r\n0\r\n\r\n" }];
  expect(Buffer.from(await ask()).toString()).toBe("-new-");
  const packed = zlib.gzipSync("old");
  origin.plan = [{ send: page(packed.toString("latin1"), "Content-Encoding: gzip") }];
  expect(Buffer.from(await ask())).toEqual(packed);
  const long = "old".repeat(400);
  origin.plan = [{ send: page(long) }];
  expect(Buffer.from(await ask()).toString()).toBe(long);
  origin.plan = [{ send: `${head}4b0\r\n${long}\r\n0\r\n\r\n` }];
  expect(Buffer.from(await ask()).toString()).toBe(long);
});

test("statuses of answers and of our own errors are others", async () => {
  await using origin = await startSteeredOrigin();
  await using gateway = await startGateway(
    toml(origin.address, "rewrite_response = { status = { 404 = 410, 502 = 503 } }"),
  );
  const ask = async () => (await fetch(`http://127.0.0.1:${gateway.port}/`)).status;
  origin.plan = [{ send: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" }];
  expect(await ask()).toBe(410);
  origin.plan = [{ send: "no HTTP at all\r\n\r\n" }, { end: true }];
  expect(await ask()).toBe(503);
  origin.plan = [{ send: page("x") }];
  expect(await ask()).toBe(200);
});

test("a page that breaks off in the middle is seen to", async () => {
  await using origin = await startSteeredOrigin();
  await using gateway = await startGateway(
    toml(origin.address, 'rewrite_response = { body = [{ from = "old", to = "new" }] }'),
  );
  const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\nold";
  origin.plan = [{ send: head }, { end: true }];
  const { text } = await exchangeRaw(
    gateway.port,
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    { quietMs: 5_000 },
  );
  expect(text).toStartWith("HTTP/1.1 502 ");
  expect(text).toContain('"code":"answer_incomplete"');
});

test("fields have values of the request, and text in them is replaced", async () => {
  await using origin = await startSteeredOrigin();
  await using gateway = await startGateway(
    toml(
      origin.address,
      `
[route.middleware.headers]
values = true
request.set = { x-path = "\${path}" }
response.set = { x-asked = "\${method} \${uri}" }
response.replace = [{ name = "link", from = "~<https?://[^/>]*", to = "<https://\${host}" }]`,
    ),
  );
  origin.plan = [{ send: page("x", "Link: <http://a.internal/x>; rel=y, <http://b.internal>") }];
  const reply = await fetch(`http://127.0.0.1:${gateway.port}/a?b`, {
    headers: { host: "shop.example" },
  });
  expect(reply.headers.get("x-asked")).toBe("GET /a?b");
  expect(reply.headers.get("link")).toBe("<https://shop.example/x>; rel=y, <https://shop.example>");
  expect(origin.requests[0]?.head).toContain("x-path: /a\r\n");
});
