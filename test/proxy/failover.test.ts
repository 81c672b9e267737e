// What becomes of requests when backends fail, through the proxy and real sockets.
import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { App } from "../../src/core/app.ts";
import { proxy } from "../../src/proxy/proxy.ts";
import { serve } from "../../src/server/serve.ts";
import type { UpstreamOptions } from "../../src/upstream/upstream.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { freePort } from "../support/free-port.ts";
import type { SteeredOrigin, Step } from "../support/steered-origin.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

/** A front with an upstream of so many origins, each of which says its number. */
async function front(count: number, options: Partial<UpstreamOptions> = {}) {
  const origins: SteeredOrigin[] = [];
  for (let i = 0; i < count; i++) {
    const origin = await startSteeredOrigin();
    origin.plan = says(`${i}`);
    origins.push(origin);
    cleanups.push(() => origin.close());
  }
  const backends = origins.map(({ address }) => address);
  const upstream = new Upstream({ name: "all", backends, ...options });
  const app = new App().add({ path: "/*", literal: true, handler: proxy(upstream) });
  const server = await serve(app, { port: 0 });
  cleanups.push(
    () => upstream.close(),
    () => server.close(),
  );
  const ask = async (init?: RequestInit): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/`, init);
    const text = await answer.text();
    return answer.ok ? text : `${answer.status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? text}`;
  };
  return { origins, upstream, server, ask };
}

const answer = (status: number, text: string, fields = ""): Step[] => [
  { read: true },
  { send: `HTTP/1.1 ${status} X\r\n${fields}Content-Length: ${text.length}\r\n\r\n${text}` },
];
const says = (text: string): Step[] => answer(200, text);
const deadPort = async (): Promise<string> => {
  const gone = await startSteeredOrigin();
  await gone.close();
  return gone.address;
};

describe("another backend is asked", () => {
  test("for any method when there is no connection; its content goes along", async () => {
    const { origins, server } = await front(1);
    const dead = await deadPort();
    const upstream = new Upstream({ name: "two", backends: [dead, origins[0]!.address] });
    cleanups.push(() => upstream.close());
    const app = new App().add({ path: "/*", literal: true, handler: proxy(upstream) });
    const other = await serve(app, { port: 0 });
    cleanups.push(() => other.close());
    for (let i = 0; i < 6; i++) {
      const url = `http://127.0.0.1:${other.port}/`;
      const sent = await fetch(url, { method: "POST", body: `content ${i}` });
      expect(await sent.text()).toBe("0");
    }
    expect(origins[0]!.requests.map(({ body }) => body)).toEqual(
      [0, 1, 2, 3, 4, 5].map((i) => `content ${i}`),
    );
    expect(server.port).not.toBe(other.port);
  });

  test("for what may be repeated when one breaks off or answers 503; never for a POST that was seen", async () => {
    const { origins, ask } = await front(2, { retry: { minPerSecond: 1_000 } });
    for (const broken of [[{ reset: true } as const], answer(503, "busy")]) {
      origins[0]!.plan = broken;
      const got = await Promise.all(Array.from({ length: 6 }, () => ask()));
      expect(got).toEqual(Array.from({ length: 6 }, () => "1"));
    }
    for (const origin of origins) origin.requests.length = 0;
    const posts = await Promise.all(
      Array.from({ length: 6 }, () => ask({ method: "POST", body: "x" })),
    );
    expect(new Set(posts)).toEqual(new Set(["1", "503 busy"]));
    const seen = origins.reduce((sum, { requests }) => sum + requests.length, 0);
    expect(seen).toBe(6);
  });

  test("with content that may be sent twice, as long as it is kept", async () => {
    const { origins, ask } = await front(2, { retry: { replayBytes: 1_000 } });
    origins[0]!.plan = [{ read: true }, { reset: true }];
    const put = (size: number) => ask({ method: "PUT", body: "x".repeat(size) });
    const small = await Promise.all(Array.from({ length: 4 }, () => put(900)));
    expect(small).toEqual(["1", "1", "1", "1"]);
    expect(origins[1]!.requests.every(({ body }) => body === "x".repeat(900))).toBe(true);
    const large = await Promise.all(Array.from({ length: 4 }, () => put(5_000)));
    expect(new Set(large)).toEqual(new Set(["1", "502 reset"]));
  });

  test("at once, whatever patience the first one asks for; the only one is not waited for long", async () => {
    const { origins, ask } = await front(2, { retry: { minPerSecond: 1_000 } });
    const busy = answer(503, "busy", "Retry-After: 3600\r\n");
    origins[0]!.plan = busy;
    expect(await Promise.all([ask(), ask(), ask(), ask()])).toEqual(["1", "1", "1", "1"]);
    const single = await front(1);
    single.origins[0]!.plan = busy;
    expect(await single.ask()).toBe("503 busy");
    expect(single.origins[0]!.requests).toHaveLength(1);
  });

  test("with the content that came while it was waited for, or not at all when that was wrong", async () => {
    const { origins, server } = await front(1, { retry: { replayBytes: 1_000 } });
    const [origin] = origins as [SteeredOrigin];
    const busy = "HTTP/1.1 503 X\r\nRetry-After: 1\r\nContent-Length: 4\r\n\r\nbusy";
    const long = "x".repeat(2_000);
    const outcomes: string[] = [];
    for (const rest of [`7d0\r\n${long}\r\n0\r\n\r\n`, "none\r\n"]) {
      origin.next.push([{ send: busy }]);
      const seen = origin.requests.length;
      const socket = connect(server.port, "127.0.0.1");
      cleanups.push(() => socket.destroy());
      socket.write("PUT / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n");
      socket.write("5\r\nfirst\r\n");
      while (origin.requests[seen]?.closed !== true) await Bun.sleep(5);
      socket.write(rest);
      const [chunk] = (await once(socket, "data")) as [Buffer];
      outcomes.push(chunk.toString());
    }
    expect(outcomes[0]).toMatch(/^HTTP\/1\.1 200 [^]*\r\n0$/);
    expect(outcomes[1]).toMatch(/^HTTP\/1\.1 400 [^]*"chunk_size"/);
    expect(origin.requests.map(({ body }) => body)).toContain(`first${long}`);
    expect(origin.requests).toHaveLength(3);
  });

  test("a backup only when no other can be", async () => {
    const { origins, ask, upstream: unused } = await front(2);
    unused.close();
    const [one, spare] = origins as [SteeredOrigin, SteeredOrigin];
    const upstream = new Upstream({
      name: "spare",
      backends: [one.address, { url: spare.address, backup: true }],
      ejection: { consecutiveFaults: 1, baseMs: 60_000, maxShare: 1 },
      retry: { attempts: 1 },
    });
    cleanups.push(() => upstream.close());
    const app = new App().add({ path: "/*", literal: true, handler: proxy(upstream) });
    const server = await serve(app, { port: 0 });
    cleanups.push(() => server.close());
    const get = async () => (await fetch(`http://127.0.0.1:${server.port}/`)).text();
    expect([await get(), await get(), await ask()]).toEqual(["0", "0", expect.any(String)]);
    upstream.backends[0]!.noteHealth(false);
    expect([await get(), await get()]).toEqual(["1", "1"]);
    upstream.backends[0]!.noteHealth(true);
    expect(await get()).toBe("0");
  });
});

test("retries do not multiply an outage: at most a fifth more attempts than requests", async () => {
  const { origins, ask } = await front(2, { retry: { minPerSecond: 0 } });
  for (const origin of origins) origin.plan = answer(503, "down");
  for (let i = 0; i < 200; i++) expect(await ask()).toBe("503 down");
  const attempts = origins.reduce((sum, { requests }) => sum + requests.length, 0);
  expect(attempts).toBeGreaterThan(200);
  expect(attempts).toBeLessThanOrEqual(240);
});

test("a breaker opens for one backend, which is left alone until it may be tried", async () => {
  const { origins, ask, upstream } = await front(2, {
    breaker: { consecutiveFaults: 3, openMs: 60_000 },
  });
  origins[0]!.plan = [{ reset: true }];
  for (let i = 0; i < 30; i++) expect(await ask()).toBe("1");
  expect(origins[0]!.requests.length).toBeLessThanOrEqual(4);
  expect(upstream.backends.map(({ state }) => state)).toEqual(["open", "up"]);
});

test("a backend that answers badly is ejected; when too many are, all are asked", async () => {
  const { origins, ask, upstream } = await front(2, {
    ejection: { consecutiveFaults: 2, baseMs: 60_000, maxShare: 1 },
    panicThreshold: 0.4,
    retry: { attempts: 1 },
  });
  origins[0]!.plan = answer(500, "bad");
  const got: string[] = [];
  for (let i = 0; i < 12; i++) got.push(await ask());
  expect(got.filter((one) => one === "500 bad")).toHaveLength(2);
  expect(upstream.backends.map(({ state }) => state)).toEqual(["ejected", "up"]);
  upstream.backends[1]!.noteHealth(false);
  origins[0]!.plan = says("0");
  expect(new Set([await ask(), await ask(), await ask()])).toEqual(new Set(["0", "1"]));
});

test("with no backend left the answer is 503 with Retry-After", async () => {
  const { upstream, server, ask } = await front(1);
  upstream.backends[0]!.noteHealth(false);
  expect(await ask()).toBe("503 no_backend");
  const refused = await fetch(`http://127.0.0.1:${server.port}/`);
  expect(refused.headers.get("retry-after")).toBe("1");
});

test("places are limited: some wait, the rest is refused, and whoever leaves the queue is not asked for", async () => {
  const { origins, ask, upstream } = await front(1, { maxInFlight: 2, queue: 2 });
  origins[0]!.plan = [{ wait: 150 }, ...says("done")];
  const all = await Promise.all(Array.from({ length: 6 }, () => ask()));
  expect(all.filter((one) => one === "done")).toHaveLength(4);
  expect(all.filter((one) => one === "503 overloaded")).toHaveLength(2);
  expect(upstream.load).toEqual({ inFlight: 0, queued: 0 });
  origins[0]!.requests.length = 0;
  const leaving = new AbortController();
  const asked = [ask(), ask(), ask({ signal: leaving.signal }).catch(() => "left")];
  await Bun.sleep(30);
  leaving.abort();
  expect(await Promise.all(asked)).toEqual(["done", "done", "left"]);
  expect(await ask()).toBe("done");
  expect(origins[0]!.requests).toHaveLength(3);
});

test("the whole may take only so long, attempts and content together", async () => {
  const { origins, ask, upstream } = await front(1, { timeouts: { totalMs: 200 } });
  origins[0]!.plan = [{ wait: 2_000 }];
  expect(await ask()).toBe("504 total_timeout");
  origins[0]!.plan = [{ send: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc" }, { wait: 2_000 }];
  const cut = await ask().catch((error: Error) => error.name);
  expect(cut).not.toBe("abc");
  expect(upstream.load.inFlight).toBe(0);
});

test("a server that is its own backend says so", async () => {
  const port = freePort();
  const upstream = new Upstream({ name: "self", backends: [`127.0.0.1:${port}`] });
  let passes = 0;
  const app = new App()
    .use((_c, next) => {
      passes++;
      return next();
    })
    .add({ path: "/*", literal: true, handler: proxy(upstream) });
  const server = await serve(app, { port });
  cleanups.push(
    () => upstream.close(),
    () => server.close(),
  );
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  expect(answer.status).toBe(508);
  expect(await answer.json()).toMatchObject({ code: "proxy_loop" });
  expect(passes).toBe(11);
});

test("a client that goes away takes its request with it", async () => {
  const { origins, ask, upstream } = await front(1);
  origins[0]!.plan = [{ wait: 3_000 }];
  const leaving = new AbortController();
  const asking = ask({ signal: leaving.signal }).catch(() => "left");
  while (origins[0]!.requests.length === 0) await Bun.sleep(5);
  leaving.abort();
  expect(await asking).toBe("left");
  while (upstream.load.inFlight > 0) await Bun.sleep(5);
  while (!origins[0]!.requests[0]!.closed) await Bun.sleep(5);
  expect(upstream.backends[0]!.faults).toBe(0);
});
