import { expect, test } from "bun:test";
import { App } from "sluice";
import { gateway } from "sluice/gateway";
import { proxy } from "sluice/proxy";
import type { UpstreamOptions } from "sluice/upstream";
import { Upstream, upstreamFetch } from "sluice/upstream";

/** A server that answers by path. */
const origin = (statuses: Record<string, number>) =>
  Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) => new Response("ok", { status: statuses[new URL(url).pathname] ?? 200 }),
  });

test("a health check needs no more than its path", async () => {
  using well = origin({});
  using ill = origin({ "/healthz": 500 });
  const api = new Upstream({
    name: "api",
    backends: [`127.0.0.1:${ill.port}`, `127.0.0.1:${well.port}`],
    healthCheck: { probe: { path: "/healthz" } },
  });
  api.start();
  try {
    for (let i = 0; i < 500 && api.backends[0]?.state !== "unhealthy"; i++) await Bun.sleep(10);
    expect(api.backends.map(({ state }) => state)).toEqual(["unhealthy", "up"]);
    const app = new App().all("/*", proxy(api));
    expect((await app.fetch(new Request("http://a.example/x"))).status).toBe(200);
  } finally {
    api.close();
  }
});

test("what is asked by upstreamFetch is timed as everything else", async () => {
  using one = origin({});
  const api = new Upstream({ name: "api", backends: [`127.0.0.1:${one.port}`] });
  await (await upstreamFetch(api)("http://api/x", {})).text();
  const counts = api.backends[0]?.latency.counts ?? [];
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  api.close();
});

test.each([
  [{ name: "", backends: [] }, "an upstream has a name"],
  [{ backends: [] }, "an upstream has a name"],
  [{ name: "a", backends: "a:1" }, "backends of the upstream a are a list"],
  [{ name: "a", backends: ["a:1"], strategy: "leastconn" }, "use one of round_robin, random"],
  [{ name: "a", backends: ["a:1"], healthCheck: { intervalMs: "5s" } }, "number of milliseconds"],
  [{ name: "a", backends: ["a:1"], healthCheck: { probe: { path: "x" } } }, 'begins with "/"'],
])("%j is no upstream", (options, message) => {
  expect(() => new Upstream(options as unknown as UpstreamOptions)).toThrow(message);
});

test("an address is no upstream, and proxy says how one is made", () => {
  expect(() => proxy("http://127.0.0.1:3000" as unknown as Upstream)).toThrow(
    'new Upstream({ name: "app", backends: ["http://127.0.0.1:3000"] })',
  );
});

test("a gateway that listens tells its port", async () => {
  const front = await gateway({ server: { port: 0 }, route: [{ action: { type: "respond" } }] });
  const running = await front.serve();
  expect(running.port).toBeGreaterThan(0);
  expect((await fetch(`http://127.0.0.1:${running.port}/`)).status).toBe(200);
  await running.close();
  const tcp = await gateway({ tcp_proxy: [{ listen: "127.0.0.1:0", backends: ["127.0.0.1:1"] }] });
  const streams = await tcp.serve();
  expect(streams.port).toBeUndefined();
  await streams.close();
});
