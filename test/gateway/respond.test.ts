// What a gateway answers by itself, through its sockets.
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, serving } from "../cli/cli.ts";
import { gatewayOf, withServer } from "./with-gateway.ts";

const config = `
[middleware]
request_id = {}

[[route]]
match.path = "~^/hello/(?<name>[^/]+)$"
[route.action]
type = "respond"
body = "<h1>Hello $<name>, \${query:q}</h1>"
content_type = "text/html; charset=utf-8"
headers = { "x-asked" = "\${method} \${uri}", "x-q" = "\${query:q}", "x-plain" = "costs 5$$" }
values = true

[[route]]
match.path = "/echo"
[route.action]
type = "respond"
status = 203
values = true
json = { q = "\${query:q}", "a\\"b" = ["\${host}", 1, 2.5, true], at = 2026-01-02T03:04:05Z, day = 2026-01-02, id = "\${request_id}", "$1" = {} }

[[route]]
match.path = "/fixed"
action = { type = "respond", json = [1, "\${host}", { a = [] }] }

[[route]]
match.path = "/empty"
action = { type = "respond", json = [] }

[[route]]
match.path = "/page"
action = { type = "respond", file = "page.html", status = 503, headers = { "retry-after" = "60" } }

[[route]]
match.path = "/card"
action = { type = "respond", file = "card.svg", values = true }

[[route]]
match.path = "/settings.js"
[route.action]
type = "respond"
body = 'const q = "\${query:q}";'
content_type = "text/javascript; charset=utf-8"
values = true

[[route]]
match.path = "/data"
action = { type = "respond", file = "data.bin" }
`;
const files = {
  "page.html": "<p>back soon: $5 ${host}",
  "card.svg": "<svg>${header:x-title}</svg>",
  "data.bin": "\u0000\u0001",
};

const ask = async (path: string, init: RequestInit = {}) => {
  const { app } = await gatewayOf(config, { files });
  return withServer(app, async (port) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const { status } = answer;
    const body = await answer.text();
    return { status, body, headers: answer.headers, host: `127.0.0.1:${port}` };
  });
};

test("values in text, escaped for HTML, and in fields", async () => {
  const q = encodeURIComponent('<img src="x">\r\nSet-Cookie: a=b é');
  const { status, body, headers } = await ask(`/hello/%3Cb%3E&?q=${q}`);
  expect(status).toBe(200);
  expect(body).toBe(
    "<h1>Hello %3Cb%3E&amp;, &lt;img src=&quot;x&quot;&gt;\r\nSet-Cookie: a=b é</h1>",
  );
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(headers.get("x-asked")).toBe(`GET /hello/%3Cb%3E&?q=${q}`);
  expect(headers.get("x-q")).toBe('<img src="x">%0D%0ASet-Cookie: a=b %C3%A9');
  expect(headers.get("x-plain")).toBe("costs 5$");
  expect(headers.get("set-cookie")).toBeNull();
});

test("values in JSON stay within their texts", async () => {
  const { status, body, headers, host } = await ask(
    `/echo?q=${encodeURIComponent('", "admin": true, "x": "\n\\')}`,
  );
  expect(status).toBe(203);
  expect(headers.get("content-type")).toBe("application/json");
  expect(JSON.parse(body)).toEqual({
    q: '", "admin": true, "x": "\n\\',
    'a"b': [host, 1, 2.5, true],
    at: "2026-01-02T03:04:05.000Z",
    day: "2026-01-02",
    id: headers.get("x-request-id"),
    $1: {},
  });
});

test("values in a script stay within their texts", async () => {
  const { body } = await ask(`/settings.js?q=${encodeURIComponent('";alert(1)//\n\\')}`);
  expect(body).toBe('const q = "\\";alert(1)//\\n\\\\";');
});

test("nothing is put in unless it is asked for", async () => {
  expect((await ask("/fixed")).body).toBe('[1,"${host}",{"a":[]}]');
  expect((await ask("/empty")).body).toBe("[]");
  const page = await ask("/page");
  expect(page.status).toBe(503);
  expect(page.headers.get("retry-after")).toBe("60");
  expect(page.body).toBe(files["page.html"]);
});

test("a file has the type of its name, and a length for HEAD", async () => {
  expect((await ask("/page")).headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect((await ask("/data")).headers.get("content-type")).toBe("application/octet-stream");
  const head = await ask("/page", { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe(String(files["page.html"].length));
  expect(head.body).toBe("");
  const card = await ask("/card", { headers: { "x-title": "</svg><script>" } });
  expect(card.body).toBe("<svg>&lt;/svg&gt;&lt;script&gt;</svg>");
  expect(card.headers.get("content-type")).toBe("image/svg+xml");
});

test.each([
  ["SIGHUP", []],
  ["--watch", ["--watch"]],
])("a file is read again at reload (%s)", async (signal, args) => {
  const toml = '[server]\nport = 0\n[[route]]\naction = { type = "respond", file = "a.txt" }\n';
  using here = folder({ "sluice.toml": toml, "a.txt": "one" });
  const server = await serving(args, here.path);
  const body = async () => (await fetch(`${server.url}/`)).text();
  expect(await body()).toBe("one");
  writeFileSync(join(here.path, "a.txt"), "two");
  if (signal === "SIGHUP") {
    expect(await body()).toBe("one");
    process.kill(server.started.pid, signal);
  }
  while ((await body()) === "one") await Bun.sleep(10);
  expect(await body()).toBe("two");
  expect(await server.stop()).toBe(0);
});
