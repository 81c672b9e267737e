import { describe, expect, test } from "bun:test";
import { configSchema } from "../../config/schema/config.ts";
import type { Connection } from "../../core/exchange.ts";
import { FetchExchange } from "../../core/fetch-exchange.ts";
import type { Exchange } from "../../core/exchange.ts";
import { compile } from "../compile.ts";

const local = new FetchExchange(new Request("http://x.test/"));

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly connection?: Partial<Connection>;
  readonly protocol?: Exchange["protocol"];
  readonly upgradeProtocol?: string;
}

async function ask(routes: unknown[], url: string, asked: Asked = {}): Promise<string> {
  const { app } = await compile(configSchema.parse({ route: routes }));
  const { method = "GET", headers = {}, connection = {}, ...more } = asked;
  const exchange = new FetchExchange(new Request(url, { method, headers }));
  for (const [key, value] of Object.entries({
    ...more,
    connection: { ...local.connection, ...connection },
  })) {
    Object.defineProperty(exchange, key, { value });
  }
  const reply = await app.handle(exchange);
  return reply.status === 200 ? String(reply.body) : `${reply.status}`;
}

const say = (body: string, match: object, more: object = {}) => ({
  match,
  action: { type: "respond", body },
  ...more,
});

/** Whether a match agrees; where it does not, another route answers. */
async function holds(match: object, path = "/", asked: Asked = {}): Promise<boolean> {
  const routes = [say("yes", match), say("no", {})];
  const url = path.startsWith("/") ? `http://x.test${path}` : path;
  return (await ask(routes, url, asked)) === "yes";
}

describe("paths", () => {
  test.each([
    ["/a*c", "/abc", true],
    ["/a*c", "/a/c", false],
    ["/a/**/z", "/a/b/c/z", true],
    ["/a/**/z", "/a/b/c", false],
    ["/v?/x", "/v1/x", true],
    ["/v?/x", "/v12/x", false],
    ["/v[1-3]/*", "/v2/a/b", true],
    ["/v[!1-3]/*", "/v2/a/b", false],
    ["/{cat,dog}s/*", "/dogs/1", true],
    ["/{cat,dog}s/*", "/cows/1", false],
    ["/a.b*", "/axb1", false],
    ["~^/user/[0-9]+$", "/user/42", true],
    ["~^/user/[0-9]+$", "/user/42/x", false],
    ["~^/users?/x", "/user/x/y", true],
    ["~\\.php$", "/a/b.php", true],
    ["~\\.php$", "/a/b.php5", false],
    ["~^/(a|b)/", "/b/x", true],
    ["~/admin", "/x/admin/y", true],
  ])("%s and %s", async (path, asked, expected) => {
    expect(await holds({ path }, asked)).toBe(expected);
  });

  test("an expression that would backtrack takes its linear time", async () => {
    expect(await holds({ path: "~^/(a+)+$" }, `/${"a".repeat(5000)}b`)).toBe(false);
    expect(await holds({ path: "~^/(a+)+$" }, `/${"a".repeat(5000)}`)).toBe(true);
  });
});

test("hosts by expression, beside exact ones", async () => {
  const host = ["~^[a-z]+-[0-9]+\\.test$", "x.test"];
  expect(await holds({ host }, "http://app-7.test:81/")).toBe(true);
  expect(await holds({ host }, "http://x.test/")).toBe(true);
  expect(await holds({ host }, "http://app-x.test/")).toBe(false);
});

describe("values by name", () => {
  test.each([
    [{ header: { "x-a": "1" } }, { "X-A": "1" }, true],
    [{ header: { "x-a": "1" } }, { "X-A": "2" }, false],
    [{ header: { "x-a": "*" } }, { "X-A": "" }, true],
    [{ header: { "x-a": "*" } }, {}, false],
    [{ header: { "x-a": false } }, {}, true],
    [{ header: { "x-a": false } }, { "X-A": "" }, false],
    [{ header: { "x-a": ["1", "~^2.$"] } }, { "X-A": "23" }, true],
    [{ header: { "x-a": "1", "x-b": "1" } }, { "X-A": "1" }, false],
    [{ cookie: { s: "~^[a-f]+$" } }, { cookie: "t=1; s=abc" }, true],
    [{ cookie: { s: false } }, { cookie: "t=1; s=abc" }, false],
    [{ content_type: "image/*" }, { "content-type": "image/PNG; a=b" }, true],
    [{ content_type: ["image/*", "text/css"] }, { "content-type": "text/html" }, false],
    [{ content_type: "image/*" }, {}, false],
  ] as [object, Record<string, string>, boolean][])("%j %j", async (match, headers, expected) => {
    expect(await holds(match, "/", { headers })).toBe(expected);
  });

  test.each([
    [{ v: "1" }, "v=1", true],
    [{ v: "1" }, "v=2&v=1", true],
    [{ v: "a b" }, "v=a+b", true],
    [{ v: "*" }, "w=1", false],
    [{ v: "1" }, "v=%ff", false],
    [{ v: "1" }, "v=1&w=%ff", true],
    [{ v: "ü" }, "w=%ff&v=%c3%bc", true],
    [{ v: false }, "v=%ff", false],
    [{ v: false }, "w=1", true],
    [{ __proto__x: "*", toString: false }, "__proto__x=1", true],
  ])("query %j ?%s", async (query, sent, expected) => {
    expect(await holds({ query }, `/?${sent}`)).toBe(expected);
  });
});

test("a query of more parameters than are read elsewhere", async () => {
  expect(await holds({ query: { v: "1" } }, `/?${"w&".repeat(1_000)}v=1`)).toBe(true);
});

test("nobody passes by an expression or a glob with a longer text", async () => {
  const long = "a".repeat(20_000);
  expect(await holds({ path: "~^/admin/" }, `/admin/${long}`)).toBe(true);
  expect(await holds({ path: "/admin/*/b*" }, `/admin/${long}/b`)).toBe(true);
  const headers = { "user-agent": `${long} bot` };
  expect(await holds({ header: { "user-agent": "~bot" } }, "/", { headers })).toBe(true);
  expect(await ask([say("x", { path: "~^/(a+)$" })], `http://x.test/${long}b`)).toBe("404");
});

test("the connection: client, protocol, certificate", async () => {
  const from = (remoteAddress: string) => ({ connection: { remoteAddress } });
  expect(await holds({ client: "10.0.0.0/8" }, "/", from("10.1.2.3"))).toBe(true);
  expect(await holds({ client: ["10.0.0.0/8"] }, "/", from("11.1.2.3"))).toBe(false);
  expect(await holds({ client: "loopback" }, "/", from("::1"))).toBe(true);
  expect(await holds({ protocol: "http2" }, "/", { protocol: "HTTP/2" })).toBe(true);
  expect(await holds({ protocol: ["http2", "http3"] })).toBe(false);
  expect(await holds({ protocol: "https" }, "https://x.test/")).toBe(true);
  expect(await holds({ protocol: "websocket" }, "/", { upgradeProtocol: "websocket" })).toBe(true);
  expect(await holds({ protocol: "websocket" })).toBe(false);
  const grpc = { headers: { "content-type": "application/grpc+proto" } };
  expect(await holds({ protocol: "grpc" }, "/", grpc)).toBe(true);
  const clientCertificate = { subject: "CN=a", altNames: ["DNS:a.test"], fingerprint: "0" };
  const tls = { connection: { tls: { clientCertificate } } } as unknown as Asked;
  expect(await holds({ client_cert: true }, "/", tls)).toBe(true);
  expect(await holds({ client_cert: true })).toBe(false);
  expect(await holds({ client_cert: { subject: "~^CN=a$", san: "DNS:a.test" } }, "/", tls)).toBe(
    true,
  );
  expect(await holds({ client_cert: { san: "DNS:b.test" } }, "/", tls)).toBe(false);
});

test("groups: any of several, and not", async () => {
  const match = {
    path: "/a/*",
    any: [{ header: { beta: "1" } }, { path: "/a/b*", method: "GET" }, { host: "*.y.test" }],
    not: { query: { off: "*" } },
  };
  expect(await holds(match, "/a/x", { headers: { beta: "1" } })).toBe(true);
  expect(await holds(match, "/a/bc", { method: "HEAD" })).toBe(true);
  expect(await holds(match, "/a/bc", { method: "POST" })).toBe(false);
  expect(await holds(match, "http://x.y.test/a/x")).toBe(true);
  expect(await holds(match, "http://x.y.test/a/x?off")).toBe(false);
  expect(await holds(match, "/a/x")).toBe(false);
});

test("a wrong method goes on to later routes, and is 405 where there is none", async () => {
  const post = say("post", { path: "/a", method: "POST" });
  expect(await ask([post, say("rest", {})], "http://x.test/a")).toBe("rest");
  expect(await ask([post], "http://x.test/a")).toBe("405");
  expect(await ask([post], "http://x.test/b")).toBe("404");
});

test("a higher priority is asked first; equals in the order of the file", async () => {
  const routes = [say("1", {}), say("2", {}, { priority: 5 }), say("3", {}, { priority: 5 })];
  expect(await ask(routes, "http://x.test/")).toBe("2");
  expect(await ask([say("1", {}, { priority: -1 }), say("2", {})], "http://x.test/")).toBe("2");
});

test("the last of two thousand hosts and prefixes is found", async () => {
  const route = Array.from({ length: 2000 }, (_, i) =>
    say(`${i}`, { host: `h${i}.test`, path: `/p${i}/*` }),
  );
  expect(await ask(route, "http://h1999.test/p1999/x")).toBe("1999");
});
