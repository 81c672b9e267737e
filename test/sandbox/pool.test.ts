import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { App } from "sluice";
import {
  GuestError,
  RouteSandboxes,
  SandboxOverload,
  SandboxPool,
  SandboxTimeout,
  wasmHandler,
  WasmSandbox,
} from "sluice/sandbox";
import { errorOf } from "./support/error-of.ts";
import { wat } from "./guests/wat.ts";

const guest = (answer: number) =>
  wat(`(module
    (memory 1)
    (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
    (func (export "answer") (result i32) (i32.const ${answer}))
    (func (export "leave") (param i32) (i32.store (i32.const 8) (local.get 0)))
    (func (export "find") (result i32) (i32.load (i32.const 8)))
    (func (export "spin") (loop br 0)))`);
const builder = (answer = 1) =>
  WasmSandbox.builder().source(guest(answer)).cpuTimeout(300).callTimeout("60s");

describe("a pool", () => {
  let pool: SandboxPool;
  beforeAll(async () => {
    pool = await SandboxPool.create(builder(), { size: 2, queueLimit: 50, queueWait: "10s" });
  });
  afterAll(() => pool.dispose());

  test("runs calls at a time and in turn", async () => {
    const sums = await Promise.all(Array.from({ length: 40 }, (_, i) => pool.call("add", [i, i])));
    expect(sums).toEqual(Array.from({ length: 40 }, (_, i) => 2 * i));
    expect(pool.metrics()).toMatchObject({ size: 2, calls: 40, active: 0, queue: 0, errors: 0 });
  });

  test("leaves nothing behind, in whichever sandbox", async () => {
    await Promise.all([1, 2, 3, 4].map((value) => pool.call("leave", [value])));
    expect(await Promise.all([1, 2, 3, 4].map(() => pool.call("find")))).toEqual([0, 0, 0, 0]);
  });

  test("an endless guest holds one sandbox, not the other", async () => {
    const spinning = pool.call("spin").catch((error: unknown) => error);
    expect(await pool.call("add", [1, 2])).toBe(3);
    expect(await spinning).toBeInstanceOf(SandboxTimeout);
    const { kills, errors, p50, p99, utilisation } = pool.metrics();
    expect({ kills, errors }).toEqual({ kills: 1, errors: 1 });
    expect(p99).toBeGreaterThanOrEqual(p50);
    expect(utilisation).toBeWithin(0, 1.001);
  });

  test("tells of audit, sessions and memory", async () => {
    expect(await pool.callWithAudit("add", [1, 1])).toMatchObject({ output: 2, violations: [] });
    const sessions = [pool.session(), pool.session(), pool.session()];
    await Promise.all(sessions.map((session, i) => session.call("leave", [i + 1])));
    expect(await Promise.all(sessions.map((session) => session.call("find")))).toEqual([1, 2, 3]);
    expect(await pool.memoryUsage()).toBeGreaterThanOrEqual(3 * 65_536);
    for (const session of sessions) session.close();
  });
});

test("a queue has an end, and so has waiting", async () => {
  const pool = await SandboxPool.create(builder(), { size: 1, queueLimit: 2, queueWait: 1 });
  const outcomes = await Promise.all(
    ["spin", "answer", "answer", "answer"].map((entry) =>
      pool.call(entry).catch((error: unknown) => error),
    ),
  );
  const timeout = { code: "sandbox_timeout" };
  expect(outcomes[0]).toMatchObject({ ...timeout, bound: "cpuTimeout" });
  expect(outcomes[1]).toMatchObject({ ...timeout, bound: "queueWait", limitMs: 1 });
  expect(outcomes[2]).toMatchObject({ ...timeout, bound: "queueWait" });
  expect(outcomes[3]).toBeInstanceOf(SandboxOverload);
  expect(pool.metrics().rejected).toBe(3);
  await pool.dispose();
  expect(String(await errorOf(pool.call("answer")))).toContain("disposed");
});

test("what waits when the pool is disposed of is refused", async () => {
  const pool = await SandboxPool.create(builder(), { size: 1 });
  const calls = ["spin", "answer"].map((entry) =>
    pool.call(entry).catch((error: unknown) => error),
  );
  await pool.dispose();
  expect(String(await calls[1])).toContain("disposed");
  expect(await calls[0]).toBeInstanceOf(Error);
});

test("answers are kept by what was asked", async () => {
  const pool = await SandboxPool.create(builder(), {
    size: 1,
    cache: { ttl: "1h", maxEntries: 2 },
  });
  for (const input of [
    [1, 2],
    [1, 2],
    [2, 1],
  ])
    expect(await pool.call("add", input)).toBe(3);
  expect(pool.metrics()).toMatchObject({ cacheHits: 1, cacheMisses: 2, calls: 3 });
  await pool.call("add", [5, 5]);
  await pool.call("add", [1, 2]);
  expect(pool.metrics()).toMatchObject({ cacheHits: 1, cacheMisses: 4 });
  const same = await Promise.all([1, 2, 3].map(() => pool.call("add", [9, 9])));
  expect(same).toEqual([18, 18, 18]);
  expect(pool.metrics()).toMatchObject({ cacheHits: 3, cacheMisses: 5 });
  for (let i = 0; i < 2; i++) expect(await errorOf(pool.call("none"))).toBeInstanceOf(GuestError);
  expect(pool.metrics().cacheMisses).toBe(7);
  await pool.dispose();
});

test("a pool refuses what it cannot be", async () => {
  expect(String(await errorOf(SandboxPool.create(builder(), { size: 0 })))).toContain("size");
  expect(String(await errorOf(SandboxPool.create(builder().state("keep"))))).toContain("one owner");
});

describe("modules by route", () => {
  test("are registered, replaced and removed while calls go on", async () => {
    const routes = new RouteSandboxes();
    await routes.register("/a", builder(1), { size: 1 });
    expect(String(await errorOf(routes.register("/a", builder(2))))).toContain(
      "has a module already",
    );
    const before = routes.get("/a")!;
    const underWay = Promise.all([
      before.call("spin").catch(() => "stopped"),
      before.call("answer"),
    ]);
    await routes.replace("/a", builder(2), { size: 1 });
    expect(await routes.get("/a")?.call("answer")).toBe(2);
    expect(await underWay).toEqual(["stopped", 1]);
    await routes.replace("/b", builder(3), { size: 1 });
    expect(routes.routes).toEqual(["/a", "/b"]);
    expect(await routes.remove("/a")).toBe(true);
    expect(await routes.remove("/a")).toBe(false);
    expect(routes.get("/a")).toBeUndefined();
    await routes.dispose();
    expect(String(await errorOf(routes.register("/c", builder())))).toContain("disposed");
  });

  test("stand behind routes of an App, whatever they are replaced by", async () => {
    const routes = new RouteSandboxes();
    expect(() => routes.current("/a")).toThrow("register one first");
    await routes.register("/a", builder(1), { size: 1 });
    const app = new App().get("/a", wasmHandler(routes.current("/a"), { call: "answer" }));
    const ask = async () => {
      const answer = await app.fetch(new Request("http://localhost/a"));
      return answer.ok ? answer.text() : answer.status;
    };
    expect(await ask()).toBe("1");
    await routes.replace("/a", builder(2), { size: 1 });
    expect(await ask()).toBe("2");
    const other = wat(`(module
      (import "extism:host/env" "output_set" (func (param i64 i64)))
      (func (export "answer") (result i32) (i32.const 0)))`);
    expect(
      String(await errorOf(routes.replace("/a", WasmSandbox.builder().source(other)))),
    ).toContain("the route /a is for plain, and this module for extism");
    expect(await ask()).toBe("2");
    await routes.remove("/a");
    expect(await ask()).toBe(404);
    await routes.dispose();
  });

  test("a bad module keeps the old one", async () => {
    const routes = new RouteSandboxes();
    await routes.register("/a", builder(1), { size: 1 });
    const bad = WasmSandbox.builder().source(new Uint8Array(9));
    expect(await errorOf(routes.replace("/a", bad))).toMatchObject({
      code: "sandbox_invalid_module",
    });
    expect(await routes.get("/a")?.call("answer")).toBe(1);
    await routes.dispose();
  });

  test("many changes of one route are made in order", async () => {
    const routes = new RouteSandboxes();
    await Promise.all([1, 2, 3, 4].map((n) => routes.replace("/a", builder(n), { size: 1 })));
    expect(await routes.get("/a")?.call("answer")).toBe(4);
    await routes.dispose();
  });
});
