import { describe, expect, test } from "bun:test";
import { App } from "sluice";
import { gateway } from "sluice/gateway";
import { proxy } from "sluice/proxy";
import type { UpstreamFetchOptions, UpstreamOptions } from "sluice/upstream";
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

describe("upstreamFetch with backends by key", () => {
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);

  /** Which of two servers each key has led to, asked for twice. */
  async function placesOf(
    options: Partial<UpstreamOptions>,
    asked: (key: string) => [url: string, init: RequestInit],
    fetchOptions?: UpstreamFetchOptions,
  ): Promise<string[]> {
    const serve = (name: string) =>
      Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(name) });
    using one = serve("one");
    using two = serve("two");
    const backends = [`127.0.0.1:${one.port}`, `127.0.0.1:${two.port}`];
    const api = new Upstream({ name: "api", backends, strategy: "hash", ...options });
    const ask = upstreamFetch(api, fetchOptions);
    const said = async (key: string) => (await ask(...asked(key))).text();
    const places: string[] = [];
    for (const key of keys) places.push(`${await said(key)} ${await said(key)}`);
    api.close();
    return places;
  }

  test.each<[string, Partial<UpstreamOptions>, (key: string) => [string, RequestInit]]>([
    ["its path", {}, (key) => [`http://api/${key}?x=${Math.random()}`, {}]],
    [
      "a field",
      { hashBy: "header:x-user" },
      (key) => ["http://api/", { headers: { "x-user": key } }],
    ],
    [
      "a cookie",
      { hashBy: "cookie:u" },
      (key) => ["http://api/", { headers: { cookie: `u=${key}` } }],
    ],
    ["its query", { hashBy: "query:u" }, (key) => [`http://api/?a=b&u=${key}`, {}]],
  ])("%s leads to the same one each time, and not all to one", async (_, options, asked) => {
    const places = await placesOf(options, asked);
    expect(new Set(places)).toEqual(new Set(["one one", "two two"]));
  });

  test.each(["hash", "ip_hash"] as const)("a key of one's own, with %s", async (strategy) => {
    const asked = (key: string): [string, RequestInit] => [
      "http://api/same",
      { headers: { id: key } },
    ];
    const key: UpstreamFetchOptions["key"] = (_, { headers }) =>
      new Headers(headers).get("id") ?? undefined;
    const places = await placesOf({ strategy }, asked, { key });
    expect(new Set(places)).toEqual(new Set(["one one", "two two"]));
  });

  test("without a key it is any", async () => {
    const places = await placesOf({ strategy: "ip_hash" }, () => ["http://api/same", {}]);
    // All 80 to one has a chance of 2 in 2 to the 80.
    expect(new Set(places.flatMap((place) => place.split(" ")))).toEqual(new Set(["one", "two"]));
  });

  test("a rule that is none is told when it is made", () => {
    const api = new Upstream({ name: "a", backends: ["a:1"], strategy: "hash", hashBy: "host" });
    expect(() => upstreamFetch(api)).toThrow("hashBy must be path");
    api.close();
  });
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
