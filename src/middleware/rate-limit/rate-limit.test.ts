import { describe, expect, test } from "bun:test";
import type { Answer, Asked } from "../../../test/middleware/asking.ts";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import { middleware } from "../../core/middleware.ts";
import type { Next } from "../../core/middleware.ts";
import type { WindowCounters } from "../../store/window-counters.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import { StoreService } from "../../store/store-service.ts";
import { SupervisorStore } from "../../store/supervisor-store.ts";
import { trustedProxy } from "../trusted-proxy/trusted-proxy.ts";
import type { RateLimitOptions } from "./rate-limit.ts";
import { rateLimit } from "./rate-limit.ts";

/** A clock that stands still unless it is moved; at the beginning of a window. */
function clock() {
  let ms = 1_699_999_200_000;
  return { now: () => ms, move: (by: number) => void (ms += by) };
}

function limited(options: RateLimitOptions) {
  const app = new App().use(rateLimit(options)).get("/", () => "ok");
  return (asked?: Asked): Promise<Answer> => ask(app, "/", asked);
}

async function allowed(asking: (asked?: Asked) => Promise<Answer>, times: number): Promise<number> {
  const answers = await Promise.all(Array.from({ length: times }, () => asking()));
  return answers.filter(({ status }) => status === 200).length;
}

for (const algorithm of ["sliding-window", "token-bucket"] as const) {
  describe(algorithm, () => {
    test("allows exactly its limit, also to all who come at once", async () => {
      const { now } = clock();
      const one = limited({ limit: 5, window: "1m", algorithm, now });
      for (let i = 0; i < 5; i++) expect((await one()).status).toBe(200);
      const refused = await one();
      expect([refused.status, codeOf(refused)]).toEqual([429, "rate_limited"]);
      expect(await allowed(limited({ limit: 5, algorithm, now }), 40)).toBe(5);
    });

    test("says what is left, and when to come again", async () => {
      const time = clock();
      const one = limited({ limit: 2, window: "1m", algorithm, now: time.now });
      const first = await one();
      expect(first.headers["ratelimit-policy"]).toBe('"default";q=2;w=60');
      expect(first.headers.ratelimit).toMatch(/^"default";r=1;t=\d+$/);
      expect(first.headers["retry-after"]).toBeUndefined();
      await one();
      const refused = await one();
      expect(refused.headers.ratelimit).toMatch(/^"default";r=0;t=\d+$/);
      expect(JSON.parse(refused.body)).toMatchObject({ "violated-policies": ["default"] });
      const wait = Number(refused.headers["retry-after"]);
      // A second early is too early, then it is right.
      time.move((wait - 1) * 1000);
      expect((await one()).status).toBe(429);
      time.move(1000);
      expect((await one()).status).toBe(200);
    });

    test("does not count what it refuses", async () => {
      const time = clock();
      const one = limited({ limit: 2, window: "10s", algorithm, now: time.now });
      for (let i = 0; i < 50; i++) await one();
      time.move(21_000);
      expect(await allowed(one, 5)).toBe(2);
    });

    test("counts each client apart", async () => {
      const one = limited({ limit: 1, algorithm, now: clock().now });
      for (const from of ["192.0.2.1", "192.0.2.2", "2001:db8:1::1", "2001:db8:2::1"])
        expect((await one({ from })).status).toBe(200);
      for (const from of ["192.0.2.1", "::ffff:192.0.2.2", "2001:db8:1:0:ffff::1"])
        expect([from, (await one({ from })).status]).toEqual([from, 429]);
    });

    test("forgets clients when there are too many, and holds no more", async () => {
      const store = new MemoryStore({ maxKeys: 100 });
      const one = limited({ limit: 1, algorithm, store, now: clock().now });
      for (let i = 0; i < 1000; i++) await one({ from: `10.0.${i >> 8}.${i & 255}` });
      expect(store.size).toBe(100);
      const own = limited({ limit: 1, algorithm, maxKeys: 10, now: clock().now });
      for (let i = 0; i < 50; i++) expect((await own({ from: `10.0.0.${i}` })).status).toBe(200);
      expect((await own({ from: "10.0.0.49" })).status).toBe(429);
      expect((await own({ from: "10.0.0.0" })).status).toBe(200);
    });

    test("goes on, or stops, when its store fails, and reports it", async () => {
      const gone = (): never => {
        throw new Error("store is gone");
      };
      const counters = { at: gone } as unknown as WindowCounters;
      const here = Object.assign(new MemoryStore(), {
        get: async () => gone(),
        windowCounters: () => counters,
      });
      const elsewhere = new SupervisorStore({ send() {} });
      elsewhere.close();
      for (const store of [here, elsewhere]) {
        const told: unknown[] = [];
        const report = (failure: unknown) => void told.push(String(failure));
        const options = { limit: 1, algorithm, store, now: clock().now };
        expect((await limited(options)({ report })).status).toBe(200);
        const refused = await limited({ ...options, onStoreError: "refuse" })({ report });
        expect([refused.status, codeOf(refused)]).toEqual([503, "rate_limit_unknown"]);
        const failure = expect.stringMatching(/(store|supervisor) is gone$/);
        expect(told).toEqual([failure, failure]);
      }
    });

    test("takes costs", async () => {
      const cost = (c: { exchange: { query: string } }) => Number(c.exchange.query || 1);
      const app = new App().use(rateLimit({ limit: 10, algorithm, cost, now: clock().now }));
      app.get("/", () => "ok");
      const status = async (target: string) => (await ask(app, target)).status;
      expect(await status("/?7")).toBe(200);
      expect(await status("/?4")).toBe(429);
      expect(await status("/?3")).toBe(200);
      expect(await status("/?0")).toBe(200);
      expect(await status("/?1")).toBe(429);
      expect(await status("/?11")).toBe(429);
      expect(await status("/?-1")).toBe(500);
    });
  });
}

test("a window slides: half of the last one counts in the middle of this one", async () => {
  const time = clock();
  const one = limited({ limit: 10, window: "60s", now: time.now });
  expect(await allowed(one, 10)).toBe(10);
  time.move(60_000);
  expect(await allowed(one, 5)).toBe(0);
  time.move(30_000);
  expect(await allowed(one, 10)).toBe(5);
  time.move(90_000);
  expect(await allowed(one, 20)).toBe(10);
});

test("a bucket holds a burst, and is filled evenly", async () => {
  const time = clock();
  const one = limited({
    limit: 60,
    window: "1m",
    burst: 3,
    algorithm: "token-bucket",
    now: time.now,
  });
  expect(await allowed(one, 10)).toBe(3);
  time.move(1000);
  expect(await allowed(one, 10)).toBe(1);
  time.move(2500);
  expect(await allowed(one, 10)).toBe(2);
  time.move(500);
  expect(await allowed(one, 10)).toBe(1);
  time.move(3_600_000);
  expect(await allowed(one, 10)).toBe(3);
  expect((await one()).headers["ratelimit-policy"]).toBe('"default";q=3;w=3');
  time.move(-10_000);
  expect(await allowed(one, 10)).toBe(0);
});

test("processes that share a store share the limit", async () => {
  const store = new MemoryStore();
  const { now } = clock();
  const [one, other] = [limited({ limit: 6, store, now }), limited({ limit: 6, store, now })];
  expect((await allowed(one, 4)) + (await allowed(other, 4))).toBe(6);
  const third = limited({ limit: 6, store, now, name: "another" });
  expect(await allowed(third, 8)).toBe(6);
});

test("workers share the limit through their supervisor, exactly", async () => {
  const { now } = clock();
  const store = new MemoryStore();
  const worker = () => {
    const mine: SupervisorStore = new SupervisorStore({
      send: (request) => void service.receive(request),
      batchMs: 1,
    });
    const service: StoreService = new StoreService(store, (reply) => mine.receive(reply));
    return limited({ limit: 30, store: mine, now });
  };
  const counts = [worker(), worker(), worker()].map((one) => allowed(one, 25));
  expect((await Promise.all(counts)).reduce((sum, count) => sum + count)).toBe(30);
});

describe("who is counted", () => {
  test("a field, or the address without it", async () => {
    const one = limited({ limit: 1, key: { header: "X-Api-Key" }, now: clock().now });
    const key = (value: string) => ({ headers: { "x-api-key": value } });
    expect((await one(key("a"))).status).toBe(200);
    expect((await one(key("b"))).status).toBe(200);
    expect((await one(key("a"))).status).toBe(429);
    expect((await one()).status).toBe(200);
    expect((await one()).status).toBe(429);
    // What a field says cannot pass for an address.
    expect((await one(key("client:192.0.2.1"))).status).toBe(200);
    // Longer than any key of a store, and told apart at its end.
    const long = "k".repeat(20_000);
    expect((await one(key(`${long}1`))).status).toBe(200);
    expect((await one(key(`${long}2`))).status).toBe(200);
    expect((await one(key(`${long}2`))).status).toBe(429);
  });

  test("a user, however it is given", async () => {
    const signedIn = middleware("signed-in", (c, next: Next<{ user: unknown }>) =>
      next({ user: JSON.parse(c.exchange.headers.get("x-user") ?? "null") }),
    );
    const app = new App()
      .use(signedIn, rateLimit({ limit: 1, key: "user", now: clock().now }))
      .get("/", () => "ok");
    const status = async (user: unknown) =>
      (await ask(app, "/", { headers: { "x-user": JSON.stringify(user) } })).status;
    expect(await status("ada")).toBe(200);
    expect(await status({ id: "ada" })).toBe(429);
    expect(await status({ sub: "bob" })).toBe(200);
    expect(await status({ name: "bob", id: 7 })).toBe(200);
    expect(await status({ id: 7 })).toBe(429);
    expect(await status({})).toBe(200);
    expect(await status(null)).toBe(429);
    const claimed = middleware("claimed", (_c, next: Next<{ claims: { sub: string } }>) =>
      next({ claims: { sub: "ada" } }),
    );
    const byClaims = new App().use(claimed, rateLimit({ limit: 1, key: "user", now: clock().now }));
    expect((await ask(byClaims, "/", { from: "192.0.2.1" })).status).toBe(404);
    expect((await ask(byClaims, "/", { from: "192.0.2.2" })).status).toBe(429);
  });

  test("what a function says, and nobody for undefined", async () => {
    const one = limited({
      limit: 1,
      key: async (c) => c.exchange.headers.get("x-tenant") ?? undefined,
      now: clock().now,
    });
    const headers = { "X-Tenant": "a" };
    expect([(await one({ headers })).status, (await one({ headers })).status]).toEqual([200, 429]);
    const free = await one();
    expect([free.status, free.headers.ratelimit]).toEqual([200, undefined]);
  });

  test("nobody who is skipped", async () => {
    const one = limited({ limit: 1, skip: ({ ip }) => ip === "192.0.2.9", now: clock().now });
    expect(await allowed((asked) => one({ ...asked, from: "192.0.2.9" }), 5)).toBe(5);
  });

  test("the client behind a trusted proxy, and no claim of its own", async () => {
    const app = new App()
      .use(trustedProxy({ trust: ["10.0.0.1"] }), rateLimit({ limit: 1, now: clock().now }))
      .get("/", () => "ok");
    const from = async (address: string, field: string) =>
      (await ask(app, "/", { from: address, headers: { "X-Forwarded-For": field } })).status;
    expect(await from("10.0.0.1", "198.51.100.1")).toBe(200);
    expect(await from("10.0.0.1", "198.51.100.2")).toBe(200);
    expect(await from("10.0.0.1", "203.0.113.9, 198.51.100.1")).toBe(429);
    expect(await from("203.0.113.5", "198.51.100.8")).toBe(200);
    expect(await from("203.0.113.5", "198.51.100.9")).toBe(429);
  });
});

test("several limits each say what is theirs, on errors too", async () => {
  const { now } = clock();
  const app = new App()
    .use(
      rateLimit({ limit: 100, window: "1h", name: "hourly", now }),
      rateLimit({ limit: 2, window: "1s", name: "burst", now }),
    )
    .get("/", () => {
      throw new Error("broken");
    });
  const answer = await ask(app, "/");
  expect(answer.status).toBe(500);
  expect(answer.headers["ratelimit-policy"]).toBe('"hourly";q=100;w=3600, "burst";q=2;w=1');
  expect(answer.headers.ratelimit).toBe('"hourly";r=99;t=3600, "burst";r=1;t=1');
});

test("refuses options that cannot be", () => {
  for (const limit of [0, -1, 1.5, NaN, Infinity])
    expect(() => rateLimit({ limit })).toThrow("limit is a whole number from 1");
  expect(() => rateLimit({ limit: 1, burst: 0 })).toThrow("burst is a whole number");
  expect(() => rateLimit({ limit: 1, window: 0 })).toThrow("1 ms or longer");
  expect(() => rateLimit({ limit: 1, window: "soon" })).toThrow("is not a duration");
  expect(() => rateLimit({ limit: 1, name: 'a"b' })).toThrow("use letters");
  expect(() => rateLimit({ limit: 1, key: { header: "a\nb" } })).toThrow("invalid header name");
  expect(() => rateLimit({ limit: 1, ipv6Prefix: 0 })).toThrow("1 to 128");
});
