// Copies of requests for a second upstream, through a gateway that listens; its answers reach nobody.
import { expect, test } from "bun:test";
import { connect } from "node:net";
import { App } from "../../src/core/app.ts";
import { Metrics } from "../../src/telemetry/metrics/registry.ts";
import { collectTraffic } from "../../src/gateway/traffic/collect-traffic.ts";
import { Traffic } from "../../src/gateway/traffic/traffic.ts";
import { Upstreams } from "../../src/gateway/upstreams.ts";
import { loadConfig } from "../../src/config/load.ts";
import { compile } from "../../src/gateway/compile.ts";
import { serve } from "../../src/server/serve.ts";
import { mirror } from "../../src/proxy/mirror/mirror.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { until } from "../lifecycle/harness.ts";
import { freePort } from "../support/free-port.ts";
import { withFolder, withServers } from "./with-gateway.ts";

interface Copy {
  readonly line: string;
  readonly headers: Headers;
  readonly body: string;
}

interface Mirrored {
  readonly url: string;
  readonly port: number;
  /** What became of copies, by outcome. */
  counts(): Record<string, number>;
  /** What the second upstream got. */
  readonly copies: Copy[];
}

/** @param second what the second upstream does with a copy; a port in its place is that of its own server */
async function mirrored(
  settings: string,
  second: ((copy: Copy) => Response | Promise<Response>) | number,
  run: (it: Mirrored) => Promise<void>,
): Promise<void> {
  const copies: Copy[] = [];
  const first = new App({}, { maxBody: "8MiB" }).all("/*", async (c) => {
    if (c.path === "/early") return new Response("no", { status: 413 });
    const body = await c.text();
    return new Response(`first ${c.method} ${c.exchange.target} ${body.length}`);
  });
  const other = new App({}, { maxBody: "8MiB" }).all("/*", async (c) => {
    const copy = {
      line: `${c.method} ${c.exchange.target}`,
      headers: new Headers([...c.exchange.headers]),
      body: await c.text(),
    };
    copies.push(copy);
    return typeof second === "number" ? new Response() : second(copy);
  });
  await withServers([first, other], async ([one = 0, two = 0]) => {
    const toml = `
[[upstream]]
name = "api"
backends = ["127.0.0.1:${one}"]
[[upstream]]
name = "next"
backends = ["127.0.0.1:${typeof second === "number" ? second : two}"]
retry = { attempts = 1 }
[[route]]
name = "m"
[route.action]
type = "mirror"
upstream = "api"
copy_to = "next"
${settings}`;
    await withFolder({ "sluice.toml": toml }, async (cwd) => {
      const { config } = loadConfig({ file: "sluice.toml", cwd });
      const traffic = new Traffic();
      const metrics = new Metrics();
      collectTraffic(metrics, traffic);
      const { app } = await compile(
        config as NonNullable<typeof config>,
        new Upstreams(),
        undefined,
        traffic,
      );
      const server = await serve(app, { host: "127.0.0.1", port: 0 });
      const counts = () => {
        const { series = [] } =
          metrics.snapshot().find(({ name }) => name === "sluice_mirror_requests_total") ?? {};
        const some = series.map(([[, outcome], value]) => [outcome, value] as [string, number]);
        return Object.fromEntries(some.filter(([, value]) => value > 0));
      };
      try {
        await run({ url: `http://127.0.0.1:${server.port}`, port: server.port, counts, copies });
      } finally {
        await server.close();
      }
    });
  });
}

const ok = (): Response => new Response("thrown away");

test("each request is copied with all it has, and answered by the first alone", async () => {
  await mirrored("", ok, async ({ url, counts, copies }) => {
    const headers = { "x-a": "1", cookie: "s=1" };
    const got = await fetch(`${url}/a/b?c=%20`, { headers });
    expect(await got.text()).toBe("first GET /a/b?c=%20 0");
    const body = "x".repeat(40_000);
    const posted = await fetch(`${url}/p`, { method: "POST", body, headers });
    expect(await posted.text()).toBe("first POST /p 40000");
    await until(() => counts()["2xx"] === 2);
    const [get, post] = copies.toSorted((a, b) => a.line.localeCompare(b.line)) as [Copy, Copy];
    expect(get.line).toBe("GET /a/b?c=%20");
    expect(post.line).toBe("POST /p");
    expect(post.body).toBe(body);
    expect(post.headers.get("content-length")).toBe("40000");
    for (const { headers } of copies) {
      expect(headers.get("x-a")).toBe("1");
      expect(headers.get("cookie")).toBe("s=1");
      expect(headers.get("x-forwarded-for")).toBe("127.0.0.1");
      expect(headers.get("host")).toBe(new URL(url).host);
    }
  });
});

test("a body without a length is copied too", async () => {
  await mirrored("", ok, async ({ url, counts, copies }) => {
    const stream = new ReadableStream({
      async start(controller) {
        for (const part of ["one ", "two ", "three"]) {
          controller.enqueue(new TextEncoder().encode(part));
          await Bun.sleep(1);
        }
        controller.close();
      },
    });
    const answer = await fetch(`${url}/s`, { method: "POST", body: stream });
    expect(await answer.text()).toBe("first POST /s 13");
    await until(() => counts()["2xx"] === 1);
    expect(copies[0]?.body).toBe("one two three");
  });
});

test("what is too long is not copied, with a length and without", async () => {
  await mirrored('max_body = "1KiB"', ok, async ({ url, counts, copies }) => {
    const long = "y".repeat(200_000);
    expect(await (await fetch(url, { method: "POST", body: long })).text()).toEndWith(" 200000");
    const stream = new Blob([long]).stream();
    expect(await (await fetch(url, { method: "PUT", body: stream })).text()).toEndWith(" 200000");
    expect(counts()).toEqual({ too_large: 2 });
    expect(await (await fetch(url, { method: "PUT", body: "short" })).text()).toEndWith(" 5");
    await until(() => counts()["2xx"] === 1);
    expect(copies.map(({ body }) => body)).toEqual(["short"]);
  });
});

test("a second upstream that hangs, fails or is gone is nothing to the client", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  await mirrored(
    "max_in_flight = 3\ntimeout_ms = 60000",
    () => promise,
    async ({ url, counts, copies }) => {
      for (let i = 0; i < 10; i++) expect((await fetch(`${url}/${i}`)).status).toBe(200);
      expect(counts()).toEqual({ busy: 7 });
      await until(() => copies.length === 3);
      resolve(new Response("late", { status: 503 }));
      await until(() => counts()["5xx"] === 3);
      expect((await fetch(url)).status).toBe(200);
    },
  );
  await mirrored("", freePort(), async ({ url, counts }) => {
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(url, { method: "POST", body: "abc" });
      expect(await answer.text()).toBe("first POST / 3");
    }
    await until(() => counts()["failed"] === 3);
  });
});

test("a copy that takes too long is given up, and makes room", async () => {
  const never = new Promise<Response>(() => {});
  await mirrored(
    "max_in_flight = 1\ntimeout_ms = 20",
    () => never,
    async ({ url, counts }) => {
      expect((await fetch(url)).status).toBe(200);
      await until(() => counts()["failed"] === 1);
      expect((await fetch(url)).status).toBe(200);
      await until(() => counts()["failed"] === 2);
    },
  );
});

test("a request that breaks off has no copy, nor one whose body nobody reads", async () => {
  await mirrored("timeout_ms = 20", ok, async ({ url, port, counts, copies }) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("POST /cut HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly this");
    await Bun.sleep(20);
    socket.destroy();
    await until(() => counts()["incomplete"] === 1);
    const early = await fetch(`${url}/early`, { method: "POST", body: "z".repeat(60_000) });
    expect(early.status).toBe(413);
    await until(() => Object.values(counts()).reduce((sum, count) => sum + count, 0) === 2);
    expect(copies.map(({ line }) => line)).not.toContain("POST /cut");
  });
});

test("a share of requests, at random; none of 0", async () => {
  await mirrored("percent = 30.0", ok, async ({ url, counts }) => {
    for (let i = 0; i < 200; i++) await (await fetch(url)).text();
    const seen = (): number => counts()["2xx"] ?? 0;
    await until(() => seen() > 30);
    // 60 are expected: 90 are 4.6 standard deviations away.
    expect(seen()).toBeLessThan(91);
  });
  await mirrored("percent = 0", ok, async ({ url, counts }) => {
    for (let i = 0; i < 20; i++) await (await fetch(url)).text();
    expect(counts()).toEqual({});
  });
});

test("copies are kept with their backend where that is asked for", async () => {
  const seen = [new Set<string>(), new Set<string>()] as const;
  const sides = seen.map((users) =>
    new App().all("/*", (c) => {
      users.add(c.requestHeaders.get("x-user") ?? "");
      return "";
    }),
  );
  await withServers(sides, async (ports) => {
    const next = new Upstream({
      name: "next",
      backends: ports.map((port) => `127.0.0.1:${port}`),
      strategy: "hash",
      hashBy: "header:x-user",
    });
    const server = await serve(
      new App().all(
        "/*",
        mirror(() => "first", next),
      ),
      { port: 0 },
    );
    try {
      for (let i = 0; i < 20; i++) {
        await fetch(`http://127.0.0.1:${server.port}/`, {
          headers: { "x-user": `user ${i % 10}` },
        });
      }
      await until(() => seen[0].size + seen[1].size >= 10);
      expect(seen[0].size).toBeGreaterThan(0);
      expect(seen[1].size).toBeGreaterThan(0);
      expect(seen[0].size + seen[1].size).toBe(10);
    } finally {
      await server.close();
      next.close();
    }
  });
});
