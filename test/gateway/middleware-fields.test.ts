import { describe, expect, test } from "bun:test";
import { asker, gatewayOf, tellingOrigin, withServer } from "./with-gateway.ts";

const route = (middleware: string, action = '{ type = "respond", body = "in" }') => `
[[route]]
action = ${action}
[route.middleware]
${middleware}
`;

describe("before a backend, over sockets", () => {
  const toml = (origin: number) => `
[[upstream]]
name = "o"
backends = ["127.0.0.1:${origin}"]
${route(
  `
request_id = { accept = "always" }
body_limit = 8
headers = { request = { set = { x-a = "1" }, add = { x-b = "2" }, remove = ["x-secret"] }, response = { set = { content-type = "text/plain" }, remove = ["x-request-id"], add = { x-c = "3" } } }`,
  '{ type = "proxy", upstream = "o" }',
)}`;

  test("headers change both ways, the request's id goes on, bodies are bounded", async () => {
    await withServer(tellingOrigin(), async (origin) => {
      const { app } = await gatewayOf(toml(origin));
      await withServer(app, async (port) => {
        const url = `http://127.0.0.1:${port}/a?b`;
        const sent = { "x-secret": "s", "x-b": "1", "x-request-id": "abc" };
        const reply = await fetch(url, { headers: sent });
        const { headers, target } = (await reply.json()) as {
          target: string;
          headers: Record<string, string>;
        };
        expect(target).toBe("/a?b");
        expect(headers["x-secret"]).toBeUndefined();
        expect(headers).toMatchObject({ "x-a": "1", "x-request-id": "abc" });
        expect(headers["x-b"]).toContain("2");
        expect(reply.headers.get("content-type")).toBe("text/plain");
        expect(reply.headers.get("x-c")).toBe("3");
        expect(reply.headers.get("x-request-id")).toBeNull();
        const small = await fetch(url, { method: "POST", body: "12345678" });
        expect(await small.json()).toMatchObject({ body: "12345678" });
        const big = await fetch(url, { method: "POST", body: "123456789" });
        expect(big.status).toBe(413);
      });
    });
  });
});

test("timeout_ms: 504", async () => {
  const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  try {
    const { app } = await gatewayOf(
      `[[upstream]]\nname = "o"\nbackends = ["127.0.0.1:${silent.port}"]\n${route("timeout_ms = 30", '{ type = "proxy", upstream = "o" }')}`,
    );
    await withServer(app, async (port) => {
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(504);
    });
  } finally {
    silent.stop(true);
  }
});

test("cors stands before auth: preflights carry no credentials", async () => {
  const ask = await asker(
    route(`
auth = { type = "bearer", token = "0123456789abcdef" }
cors = { origins = ["https://*.app.test"], credentials = true, max_age_secs = 5 }`),
  );
  const preflight = (origin: string) =>
    ask("/", { method: "OPTIONS", headers: { origin, "access-control-request-method": "PUT" } });
  const allowed = await preflight("https://one.app.test");
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get("access-control-allow-origin")).toBe("https://one.app.test");
  expect(allowed.headers.get("access-control-max-age")).toBe("5");
  for (const other of ["https://a.b.app.test", "https://oneXapp.test", "https://app.test"]) {
    expect((await preflight(other)).headers.get("access-control-allow-origin")).toBeNull();
  }
  expect((await ask("/")).status).toBe(401);
});

test("maintenance answers 503, but for its exceptions", async () => {
  const ask = await asker(route('maintenance = { retry_after_secs = 60, except = ["/up"] }'));
  const closed = await ask("/");
  expect([closed.status, closed.headers.get("retry-after")]).toEqual([503, "60"]);
  expect((await ask("/up")).status).toBe(200);
});

test("ip_filter over a socket", async () => {
  for (const [filter, status] of [
    ['{ allow = ["10.0.0.0/8"] }', 403],
    ['{ allow = ["loopback"] }', 200],
    ['{ deny = ["127.0.0.1"] }', 403],
  ] as const) {
    const { app } = await gatewayOf(route(`ip_filter = ${filter}`));
    await withServer(app, async (port) => {
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(status);
    });
  }
});

test("security headers on refusals too; cache control and compression on answers", async () => {
  const ask = await asker(
    route(
      `
security_headers = { frame_options = "DENY", referrer_policy = false }
auth = { type = "bearer", token = "0123456789abcdef" }
cache_control = { public = true, max_age_secs = 60 }
compress = { codings = ["gzip"], min_size = 10 }`,
      `{ type = "respond", body = "${"word ".repeat(99)}" }`,
    ),
  );
  const refused = await ask("/");
  expect([refused.status, refused.headers.get("x-frame-options")]).toEqual([401, "DENY"]);
  expect(refused.headers.get("referrer-policy")).toBeNull();
  expect(refused.headers.get("cache-control")).not.toBe("public, max-age=60");
  const headers = { authorization: "Bearer 0123456789abcdef", "accept-encoding": "gzip" };
  const reply = await ask("/", { headers });
  expect(reply.headers.get("cache-control")).toBe("public, max-age=60");
  expect(reply.headers.get("content-encoding")).toBe("gzip");
  expect(Bun.gunzipSync(await reply.bytes()).byteLength).toBe(495);
});
