import { expect, test } from "bun:test";
import { App } from "../core/app.ts";
import { FetchExchange } from "../core/fetch-exchange.ts";
import { Readiness } from "../telemetry/health/readiness.ts";
import { withHealth } from "../telemetry/health/with-health.ts";
import { Splits } from "../gateway/traffic/splits.ts";
import type { AdminState } from "./admin-app.ts";
import { adminApp, RELOAD_PATH } from "./admin-app.ts";

const admin = (changes: Partial<AdminState> = {}) =>
  adminApp({
    readiness: new Readiness(),
    version: "1.2.3",
    metrics: async () => [],
    splits: new Splits(),
    hosts: [],
    reload: async () => ({ ok: true, ms: 3 }),
    ...changes,
  });

const get = async (app: App, path: string, method = "GET") => {
  const reply = await app.fetch(new Request(`http://localhost${path}`, { method }));
  return { status: reply.status, text: await reply.text(), headers: reply.headers };
};

test("alive always, ready only without a reason against it", async () => {
  const readiness = new Readiness();
  const app = admin({ readiness });
  expect(await get(app, "/readyz")).toMatchObject({ status: 200, text: '{"status":"ready"}\n' });
  readiness.block("draining", "the server is going down");
  const reply = await get(app, "/readyz");
  expect(reply.status).toBe(503);
  expect(reply.headers.get("cache-control")).toBe("no-store");
  expect(JSON.parse(reply.text)).toEqual({
    status: "not_ready",
    reasons: [{ code: "draining", message: "the server is going down" }],
  });
  expect(await get(app, "/healthz")).toMatchObject({ status: 200, text: '{"status":"ok"}\n' });
  readiness.clear("draining");
  expect((await get(app, "/readyz")).status).toBe(200);
});

test("the index lists what is there, and all of it answers", async () => {
  const app = admin();
  const index = JSON.parse((await get(app, "/")).text);
  expect(index).toMatchObject({ name: "sluice", version: "1.2.3" });
  for (const { path } of index.endpoints) {
    expect((await get(app, path, path === RELOAD_PATH ? "POST" : "GET")).status).toBe(200);
  }
  expect((await get(app, "/nowhere")).status).toBe(404);
  expect((await get(app, "/healthz", "POST")).status).toBe(405);
});

test("beside an application: health first, everything else is the application's", async () => {
  const own = new App().all("/*", () => "own");
  const app = withHealth(own, new Readiness());
  const ask = async (path: string, method = "GET") =>
    app.handle(new FetchExchange(new Request(`http://localhost${path}`, { method })));
  expect((await ask("/healthz")).body).toBe('{"status":"ok"}\n');
  expect((await ask("/readyz", "HEAD")).status).toBe(200);
  expect((await ask("/readyz", "DELETE")).status).toBe(405);
  expect((await ask("/healthz/more")).body).toBe("own");
});

test("each change is told", () => {
  let changes = 0;
  const readiness = new Readiness(() => changes++);
  readiness.block("a", "x");
  readiness.clear("a");
  readiness.clear("a");
  readiness.replace([{ code: "b", message: "y" }]);
  expect(changes).toBe(3);
  expect(readiness.reasons).toEqual([{ code: "b", message: "y" }]);
});

test("is asked by address, localhost, and names that it knows: not by a page's own", async () => {
  const app = admin({ hosts: ["Admin.Internal"] });
  const ask = async (host: string, path = "/status", init: RequestInit = {}) =>
    (await app.fetch(new Request(`http://${host}${path}`, init))).status;
  for (const host of ["127.0.0.1:9180", "[::1]:9180", "localhost", "a.localhost", "10.1.2.3"]) {
    expect([host, await ask(host)]).toEqual([host, 200]);
  }
  expect(await ask("admin.internal:9180")).toBe(200);
  for (const path of ["/", "/status", "/metrics", "/splits", "/healthz", "/nowhere"]) {
    expect([path, await ask("rebound.example:9180", path)]).toEqual([path, 421]);
  }
  for (const host of ["127.0.0.1.example", "localhost.example", "admin.internal.example"]) {
    expect([host, await ask(host)]).toEqual([host, 421]);
  }
  const said = await app.fetch(new Request("http://rebound.example/"));
  expect((await said.json()).detail).toContain("add the name to hosts in [admin]");
});

test("what changes something is refused to pages, by any host", async () => {
  let reloads = 0;
  const app = admin({ reload: async () => ({ ok: true, ms: ++reloads }) });
  const ask = async (host: string, headers: Record<string, string>) =>
    (await app.fetch(new Request(`http://${host}/reload`, { method: "POST", headers }))).status;
  expect(await ask("127.0.0.1", { origin: "http://127.0.0.1" })).toBe(403);
  expect(await ask("127.0.0.1", { origin: "null" })).toBe(403);
  expect(await ask("rebound.example", {})).toBe(421);
  expect(reloads).toBe(0);
  expect(await ask("127.0.0.1", {})).toBe(200);
  expect(reloads).toBe(1);
});

test("a reload that failed says why", async () => {
  const app = admin({ reload: async () => ({ ok: false, problem: "sluice.toml:1:1: error" }) });
  const { status, text } = await get(app, "/reload", "POST");
  expect(status).toBe(422);
  expect(JSON.parse(text)).toMatchObject({
    code: "reload_failed",
    detail: "sluice.toml:1:1: error",
  });
});
