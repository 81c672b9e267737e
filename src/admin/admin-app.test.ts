import { expect, test } from "bun:test";
import { App } from "../core/app.ts";
import { FetchExchange } from "../core/fetch-exchange.ts";
import { Readiness } from "../telemetry/health/readiness.ts";
import { withHealth } from "../telemetry/health/with-health.ts";
import { Splits } from "../gateway/traffic/splits.ts";
import { adminApp } from "./admin-app.ts";

const get = async (app: App, path: string, method = "GET") => {
  const reply = await app.fetch(new Request(`http://localhost${path}`, { method }));
  return { status: reply.status, text: await reply.text(), headers: reply.headers };
};

test("alive always, ready only without a reason against it", async () => {
  const readiness = new Readiness();
  const app = adminApp({
    readiness,
    version: "1.2.3",
    metrics: async () => [],
    splits: new Splits(),
  });
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
  const app = adminApp({
    readiness: new Readiness(),
    version: "1.2.3",
    metrics: async () => [],
    splits: new Splits(),
  });
  const index = JSON.parse((await get(app, "/")).text);
  expect(index).toMatchObject({ name: "sluice", version: "1.2.3" });
  for (const { path } of index.endpoints) expect((await get(app, path)).status).toBe(200);
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
