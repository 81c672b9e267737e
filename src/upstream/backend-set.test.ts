import { expect, test } from "bun:test";
import { Upstream } from "./upstream.ts";

const from = (discovered: unknown, backends: string[] = []) =>
  new Upstream({ name: "api", backends, discovered: discovered as string[] });

test("what was given is not discovered, and of two that are the same the first counts", () => {
  const upstream = from(
    ["10.0.0.1", { url: "http://10.0.0.2:80", weight: 3 }, "10.0.0.2"],
    ["http://10.0.0.1:80"],
  );
  expect(upstream.backends.map(({ name, weight }) => [name, weight])).toEqual([
    ["http://10.0.0.1:80", 1],
    ["http://10.0.0.2:80", 3],
  ]);
});

test("what can be no backend is passed over, as long as there is one that can be", () => {
  expect(from(["htp://x", 7, null, { weight: 1 }, "10.0.0.1"]).backends).toHaveLength(1);
  expect(from([{ url: "10.0.0.1", weight: 0 }, "10.0.0.2"]).backends).toHaveLength(1);
  expect(() => from(["htp://x"])).toThrow("htp:// is none of");
  expect(() => from([{ weight: 1 }])).toThrow('{"weight":1} is no backend');
  expect(() => from([{ url: "10.0.0.1", weight: 1.5 }])).toThrow("weight of 10.0.0.1");
  expect(() => from({ backends: [] })).toThrow("no list");
  expect(() => from(Array.from({ length: 10_001 }, (_, i) => `10.0.0.1:${i + 1}`))).toThrow(
    "10001 backends, more than 10000",
  );
  expect(from([]).backends).toEqual([]);
});

test("one that comes while others are at work starts slowly; those that were first do not", async () => {
  const changes = Promise.withResolvers<string[]>();
  const told = Promise.withResolvers<void>();
  const upstream = new Upstream({
    name: "api",
    backends: [],
    slowStartMs: 60_000,
    observer: {
      discovery(_, __, event) {
        if (event.kind === "changed" && event.added[0]?.name.endsWith(":2")) told.resolve();
      },
    },
    discovery: {
      name: "test",
      async *watch() {
        yield ["10.0.0.1:1"];
        yield await changes.promise;
      },
    },
  });
  upstream.start();
  await upstream.ready;
  changes.resolve(["10.0.0.1:1", "10.0.0.2:2"]);
  await told.promise;
  const [first, second] = upstream.backends.map((backend) => backend.effectiveWeight());
  expect(first).toBe(1);
  expect(second).toBeLessThan(0.5);
  upstream.close();
});
