import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configSchema } from "../config/schema/config.ts";
import { defaultLimits } from "../server/limits.ts";
import { fetchThrough } from "../core/fetch-through.ts";
import { compile } from "./compile.ts";

async function fetcher(route: unknown[], server: object = {}) {
  const { app } = await compile(configSchema.parse({ route, server }));
  return (request: Request) => fetchThrough(app, request);
}

async function ask(routes: unknown[], url: string, init?: RequestInit): Promise<string> {
  const fetch = await fetcher(routes);
  const response = await fetch(new Request(url, { redirect: "manual", ...init }));
  const location = response.headers.get("location");
  return `${response.status} ${location ?? (await response.text())}`;
}

const say = (body: string) => ({ type: "respond", body });

describe("routes", () => {
  test("the first in the file that matches answers, whatever is more specific", async () => {
    const routes = [
      { match: { path: "/a/*" }, action: say("prefix") },
      { match: { path: "/a/b" }, action: say("exact") },
      { action: say("rest") },
    ];
    expect(await ask(routes, "http://x.test/a/b")).toBe("200 prefix");
    expect(await ask(routes, "http://x.test/c")).toBe("200 rest");
    expect(await ask(routes.slice(1), "http://x.test/a/b")).toBe("200 exact");
  });

  test("hosts: exact, one label by wildcard, several, any", async () => {
    const routes = [
      { match: { host: ["a.test", "A2.test"] }, action: say("a") },
      { match: { host: "*.b.test" }, action: say("b") },
      { match: { path: ["/x", "/y/*"] }, action: say("any") },
    ];
    expect(await ask(routes, "http://a.test/")).toBe("200 a");
    expect(await ask(routes, "http://a2.test:81/")).toBe("200 a");
    expect(await ask(routes, "http://one.b.test/")).toBe("200 b");
    expect(await ask(routes, "http://b.test/x")).toBe("200 any");
    expect(await ask(routes, "http://two.one.b.test/y/z")).toBe("200 any");
    expect((await ask(routes, "http://b.test/")).slice(0, 3)).toBe("404");
  });

  test("a route may demand a client certificate", async () => {
    const routes = [{ require_client_cert: true, action: say("secret") }];
    const text = await ask(routes, "https://x.test/");
    expect(text).toStartWith("403 ");
    expect(text).toContain("client_certificate_required");
    expect(text).not.toContain("secret");
  });
});

describe("respond", () => {
  test("status, media type and headers", async () => {
    const action = {
      ...say("{}"),
      status: 418,
      content_type: "application/json",
      headers: { "x-a": "1", Vary: "Cookie" },
    };
    const response = await (
      await fetcher([{ action }])
    )(new Request("http://x.test/", { method: "POST" }));
    expect(response.status).toBe(418);
    expect(Object.fromEntries(response.headers)).toEqual({
      "content-type": "application/json",
      vary: "Cookie",
      "x-a": "1",
    });
    expect(await response.text()).toBe("{}");
  });

  test("an empty body has no media type", async () => {
    const response = await (
      await fetcher([{ action: { type: "respond", status: 204 } }])
    )(new Request("http://x.test/"));
    expect([...response.headers]).toEqual([]);
  });
});

describe("redirect", () => {
  const to = (target: string, more: object = {}) => [
    { match: { path: "/old/*" }, action: { type: "redirect", to: target, ...more } },
  ];

  test.each([
    ["/new", {}, "/old/a", "302 /new"],
    ["/new", {}, "/old/a?x=1&y", "302 /new?x=1&y"],
    ["/new?z=0", {}, "/old/a?x=1", "302 /new?z=0&x=1"],
    ["/new?z=0#top", { status: 308 }, "/old/a?x=1", "308 /new?z=0&x=1#top"],
    ["/new", { keep_query: false }, "/old/a?x=1", "302 /new"],
    ["/new/", { keep_path: true }, "/old/a/b%20c", "302 /new/a/b%20c"],
    ["https://b.test", { keep_path: true, status: 301 }, "/old/a/?q", "301 https://b.test/a/?q"],
    [
      "https://b.test/x",
      { keep_path: true, keep_query: false },
      "/old/a?q",
      "302 https://b.test/x/a",
    ],
  ])("to %s %j: %s → %s", async (target, more, path, expected) => {
    expect(await ask(to(target, more), `http://x.test${path}`)).toBe(expected);
  });

  test("what the client sends cannot name another host", async () => {
    const routes = [{ action: { type: "redirect", to: "/", keep_path: true } }];
    const exchange = new Request("http://x.test//evil.test/x");
    const response = await (await fetcher(routes))(exchange);
    expect(response.headers.get("location")).toBe("/evil.test/x");
  });
});

test("static serves a directory with its options", async () => {
  const root = mkdtempSync(join(tmpdir(), "sluice-gateway-"));
  try {
    writeFileSync(join(root, "home.htm"), "home");
    writeFileSync(join(root, "404.html"), "lost");
    writeFileSync(join(root, "a.js"), "1");
    const action = {
      type: "static",
      root,
      index: ["home.htm"],
      error_pages: { 404: "404.html" },
      cache_control: [{ files: "*.js", value: "no-store" }],
      media_types: { js: "text/x-js" },
    };
    const site = await fetcher([{ match: { path: "/files/*" }, action }]);
    const get = (path: string) => site(new Request(`http://x.test${path}`));
    expect(await (await get("/files/")).text()).toBe("home");
    const script = await get("/files/a.js");
    expect(script.headers.get("cache-control")).toBe("no-store");
    expect(script.headers.get("content-type")).toStartWith("text/x-js");
    const lost = await get("/files/b");
    expect([lost.status, await lost.text()]).toEqual([404, "lost"]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("settings: every limit arrives under its own name", async () => {
  const limits = { body_bytes: 5, requests_per_connection: 7 };
  const config = configSchema.parse({ server: { host: "::1", port: 1, drain_ms: 9, limits } });
  const { settings } = await compile(config);
  expect(settings).toMatchObject({ host: "::1", port: 1, drainMs: 9, http2: true, http3: false });
  expect(settings.limits).toEqual({ ...defaultLimits, bodyBytes: 5, requestsPerConnection: 7 });
  expect(settings.tls).toBeUndefined();
});
