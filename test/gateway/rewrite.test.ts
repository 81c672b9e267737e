import { describe, expect, test } from "bun:test";
import { canonicalPath } from "../../src/http/path.ts";
import { serve } from "../../src/server/serve.ts";
import { startGateway } from "../support/gateway.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";
import { traversals } from "../support/traversals.ts";
import { gatewayOf, withFolder, withServer } from "./with-gateway.ts";

/** A gateway in front of an origin, and what the origin is asked for. */
async function withRules(
  rules: string,
  run: (ask: (path: string, init?: RequestInit) => Promise<string>) => Promise<void>,
  more = "",
): Promise<void> {
  await using origin = await startSteeredOrigin();
  await using gateway = await startGateway(`
[[upstream]]
name = "app"
backends = ["${origin.address}"]
[[route]]
match.path = "/*"
action = { type = "proxy", upstream = "app" }
middleware.rewrite = [${rules}]
${more}`);
  await run(async (path, init = {}) => {
    origin.requests.length = 0;
    const reply = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
      redirect: "manual",
      ...init,
      headers: { host: "shop.example", ...(init.headers as Record<string, string>) },
    });
    await reply.text();
    const line = origin.requests[0]?.head.split("\r\n")[0]?.replace(" HTTP/1.1", "");
    return line ?? `${reply.status} ${reply.headers.get("location") ?? ""}`.trim();
  });
}

test("a prefix is cut off or put before, one rule after the other", async () => {
  await withRules(`{ strip = "/api" }, { add = "/v2" }`, async (ask) => {
    expect(await ask("/api/users?a=1")).toBe("GET /v2/users?a=1");
    expect(await ask("/api")).toBe("GET /v2/");
    expect(await ask("/apix")).toBe("GET /v2/apix");
    expect(await ask("/%61pi/users", { method: "POST", body: "x" })).toBe("POST /v2/users");
  });
});

test("groups and variables make the path and the query", async () => {
  const rules = `
{ from = "~^/articles/(?<id>[0-9]+)/(.*)$", to = "/posts/$<id>?part=$2&lang=\${header:X-Lang}", go = "stop" },
{ from = "/exact", to = "/\${hostname}", keep_query = false },
{ from = "~^/articles", to = "/never" }`;
  await withRules(rules, async (ask) => {
    expect(await ask("/articles/7/a%26b?q", { headers: { "x-lang": "de&x=1" } })).toBe(
      "GET /posts/7?part=a%26b&lang=de%26x%3D1&q",
    );
    expect(await ask("/exact?q")).toBe("GET /shop.example");
    expect(await ask("/exactly?q")).toBe("GET /exactly?q");
    expect(await ask("/articles/x")).toBe("GET /never");
  });
});

test("a rule is for the requests that its conditions are for", async () => {
  const rules = `
{ add = "/beta", when = { method = "GET", header = { x-beta = "1" } } },
{ add = "/old", when = { query = { version = ["1", "2"] }, host = "*.example" } },
{ from = "/", to = "/local", when = { client = "10.0.0.0/8" } },
{ from = "~.", to = "/last", when = { path = "/beta/old/*" } }`;
  await withRules(rules, async (ask) => {
    expect(await ask("/x", { headers: { "x-beta": "1" } })).toBe("GET /beta/x");
    expect(await ask("/x", { method: "POST", headers: { "x-beta": "1" } })).toBe("POST /x");
    expect(await ask("/x?version=2")).toBe("GET /old/x?version=2");
    expect(await ask("/x?version=3")).toBe("GET /x?version=3");
    expect(await ask("/")).toBe("GET /");
    expect(await ask("/old?version=1", { headers: { "x-beta": "1" } })).toBe(
      "GET /old/beta/old?version=1",
    );
  });
});

test("a redirect goes to the client, through what stands around the route", async () => {
  const rules = `
{ from = "~^/old/(.*)$", to = "https://new.example/$1", redirect = 308 },
{ strip = "/index.php", redirect = 301 }`;
  await withRules(rules, async (ask) => {
    expect(await ask("/old/a?b=1")).toBe("308 https://new.example/a?b=1");
    expect(await ask("/old//evil.example")).toBe("308 https://new.example/evil.example");
    expect(await ask("/index.php/x")).toBe("301 /x");
    expect(await ask("/index.php//evil.example/")).toBe("301 /evil.example/");
  });
});

test("where slashes are kept a redirect still names no other host", async () => {
  const { app } = await gatewayOf(`
[server]
paths = { slashes = "keep" }
[[route]]
action = { type = "respond", values = true, body = "\${path}" }
middleware.rewrite = [{ strip = "/out", redirect = 302 }, { from = "~^/in(.*)$", to = "$1", redirect = 302 }, { from = "~^/x(.*)$", to = "/y$1" }]
`);
  const server = await serve(app, { host: "127.0.0.1", port: 0, paths: { slashes: "keep" } });
  const ask = (path: string) =>
    exchangeRaw(server.port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, {
      quietMs: 5_000,
    });
  for (const path of ["/out//evil.example/", "/in//evil.example/"])
    expect((await ask(path)).text).toContain("\r\nLocation: /evil.example/\r\n");
  expect((await ask("/x//a//b")).text).toEndWith("\r\n\r\n/y//a//b");
  await server.close();
});

describe("routed anew", () => {
  const secret = `
[[route]]
match.path = "/inside/*"
action = { type = "respond", body = "inside" }
middleware.auth = { type = "bearer", token = "0123456789abcdef" }
[[route]]
match.path = "/a"
action = { type = "respond", body = "a" }
middleware.rewrite = [{ from = "/a", to = "/b", go = "route" }]
[[route]]
match.path = "/b"
action = { type = "respond", body = "b" }
middleware.rewrite = [{ from = "/b", to = "/a", go = "route" }]
[[route]]
match.path = "/to/*"
action = { type = "respond", body = "to" }
middleware.rewrite = [{ from = "~^/to(/.*)$", to = "$1", go = "route" }]
`;

  test("the route of the new path answers, with all that stands around it", async () => {
    const { app } = await gatewayOf(secret);
    await withServer(app, async (port) => {
      const ask = async (path: string, headers: Record<string, string> = {}) => {
        const reply = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
        return `${reply.status} ${reply.ok ? await reply.text() : ""}`.trim();
      };
      expect(await ask("/to/inside/x")).toBe("401");
      expect(await ask("/to/inside/x", { authorization: "Bearer 0123456789abcdef" })).toBe(
        "200 inside",
      );
      expect(await ask("/to/nowhere")).toBe("404");
      expect(await ask("/to/to/inside/x")).toBe("200 to");
      // Round in circles: each rule once.
      expect([await ask("/a"), await ask("/b")]).toEqual(["200 a", "200 b"]);
    });
  });

  test("more often than ten times is an end", async () => {
    const routes = Array.from(
      { length: 14 },
      (_, i) => `
[[route]]
match.path = "/${i}"
action = { type = "respond", body = "${i}" }
middleware.rewrite = [{ from = "/${i}", to = "/${i + 1}", go = "route" }]`,
    );
    const { app } = await gatewayOf(routes.join("\n"));
    await withServer(app, async (port) => {
      const reply = await fetch(`http://127.0.0.1:${port}/0`);
      expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([
        508,
        "routed_in_circles",
      ]);
    });
  });
});

test("nothing leads out of its place, however it is spelt", async () => {
  const rules = `{ from = "~^/x/([^/]*)(.*)$", to = "/files/$1$2" }, { from = "~^/d(.*)e$", to = "/in/.$1/f" }`;
  await withRules(rules, async (ask) => {
    expect(await ask("/x/a%2e%2e/b")).toBe("GET /files/a../b");
    expect(await ask("/de")).toBe("400");
    expect(await ask("/d.e")).toBe("400");
    expect(await ask("/d%2ee")).toBe("400");
    expect(await ask("/d%20e")).toBe("GET /in/.%20/f");
  });
});

test("no spelling that scanners send comes out elsewhere than the rules say", async () => {
  await using origin = await startSteeredOrigin();
  await using gateway = await startGateway(`
[server]
paths = { encoded_slash = "keep", backslash = "keep" }
[[upstream]]
name = "app"
backends = ["${origin.address}"]
[[route]]
match.path = "/in/*"
action = { type = "proxy", upstream = "app" }
middleware.rewrite = [{ from = "~^/in/(.*)$", to = "/files/$1?of=$1" }]
[[route]]
match.path = "/cut/*"
action = { type = "proxy", upstream = "app" }
middleware.rewrite = [{ strip = "/cut" }, { add = "/files" }]
[[route]]
action = { type = "respond", status = 404 }
`);
  const paths = traversals("/etc/secret.txt").filter((_, index) => index % 5 === 0);
  const requests = paths.flatMap((path) =>
    ["/in", "/cut"].map((prefix) => `GET ${prefix}${path} HTTP/1.1\r\nHost: a\r\n\r\n`),
  );
  const last = "GET /in/last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  // A target that is no target ends its connection, so each has one of its own.
  for (let at = 0; at < requests.length; at += 50) {
    const some = requests.slice(at, at + 50).map((request) =>
      exchangeRaw(gateway.port, request, {
        until: (text) => text.includes("\r\n\r\n"),
        quietMs: 5_000,
      }),
    );
    await Promise.all(some);
  }
  await exchangeRaw(gateway.port, last, { quietMs: 5_000 });
  expect(origin.requests.length).toBeGreaterThan(50);
  const rules = { slashes: "merge", encodedSlash: "keep", backslash: "keep" } as const;
  for (const { head } of origin.requests) {
    const target = /^GET (\S+) /.exec(head)?.[1] ?? "";
    const [path = "", query = ""] = target.split("?");
    expect(path).toStartWith("/files/");
    expect(canonicalPath(path, rules)).toMatchObject({ ok: true, path });
    // A value stays the value of its key.
    expect(query.replace(/^of=/, "")).not.toMatch(/[&=#]/);
  }
});

test("of a file server and a redirect the rest of the path is another one", async () => {
  await withFolder({ "app.css": "body {}" }, async (folder) => {
    const { app } = await gatewayOf(`
[[route]]
match.path = "/assets/*"
action = { type = "static", root = ${JSON.stringify(folder)} }
middleware.rewrite = [{ from = "~^/assets/v[0-9]+/(.*)$", to = "/assets/$1" }]
[[route]]
match.path = "/old/*"
action = { type = "redirect", to = "https://x.example/\${rest}" }
middleware.rewrite = [{ from = "/old/a", to = "/old/b" }]
`);
    await withServer(app, async (port) => {
      const ask = (path: string) =>
        fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual" });
      expect(await (await ask("/assets/v12/app.css")).text()).toBe("body {}");
      expect((await ask("/assets/x12/app.css")).status).toBe(404);
      expect((await ask("/old/a")).headers.get("location")).toBe("https://x.example/b");
    });
  });
});
