import { expect, test } from "bun:test";
import type { Layer4Strategy } from "./backend-group.ts";
import { BackendGroup, Layer4Backend, parseLayer4Address } from "./backend-group.ts";

const backend = (name: string, weight = 1) =>
  new Layer4Backend(parseLayer4Address(`${name}:1`), weight);

function group(strategy: Layer4Strategy, ...backends: Layer4Backend[]) {
  let now = 1000;
  let seed = 3;
  const random = () => (seed = (seed * 48_271) % 0x7fffffff) / 0x7fffffff;
  const made = new BackendGroup(backends, { strategy, downMs: 100, now: () => now, random });
  const first = (client: string) => made.candidates(client)[0]?.host;
  return { made, first, later: (ms: number) => (now += ms) };
}

test("smooth weighted round robin", () => {
  const { first } = group("round_robin", backend("a", 5), backend("b"), backend("c"));
  const order = Array.from({ length: 7 }, () => first("x")).join("");
  // nginx's own example of the algorithm.
  expect(order).toBe("aabacaa");
});

test("everybody is offered, once, whatever the strategy", () => {
  for (const strategy of ["round_robin", "least_conn", "random", "ip_hash"] as const) {
    const { made } = group(strategy, backend("a", 3), backend("b"), backend("c", 2));
    for (let i = 0; i < 50; i++) {
      const hosts = made.candidates(`10.0.0.${i}`).map(({ host }) => host);
      expect(hosts.toSorted().join("")).toBe("abc");
    }
  }
});

test("the least connections for its weight", () => {
  const [a, b] = [backend("a"), backend("b", 4)];
  const { first } = group("least_conn", a, b);
  a.open = 1;
  b.open = 3;
  expect(first("x")).toBe("b");
  b.open = 9;
  expect(first("x")).toBe("a");
});

test("a client keeps its backend, and only the clients of one that is gone move", () => {
  const all = ["a", "b", "c", "d"].map((name) => backend(name));
  const four = group("ip_hash", ...all);
  const three = group("ip_hash", ...all.slice(0, 3));
  const counts: Record<string, number> = {};
  for (let i = 0; i < 4000; i++) {
    const client = `10.1.${i >> 8}.${i & 255}`;
    const host = four.first(client) as string;
    expect(four.first(client)).toBe(host);
    if (host !== "d") expect(three.first(client)).toBe(host);
    counts[host] = (counts[host] ?? 0) + 1;
  }
  for (const count of Object.values(counts)) expect(count).toBeWithin(850, 1150);
});

test("random follows the weights", () => {
  const { first } = group("random", backend("a", 3), backend("b"));
  let a = 0;
  for (let i = 0; i < 4000; i++) if (first("x") === "a") a++;
  expect(a).toBeWithin(2850, 3150);
});

test("one that failed comes last until its time is over, or it works", () => {
  const [a, b] = [backend("a"), backend("b")];
  const { made, first, later } = group("round_robin", a, b);
  made.failed(a);
  expect([first("x"), first("x"), first("x")]).toEqual(["b", "b", "b"]);
  expect(made.candidates("x").map(({ host }) => host)).toEqual(["b", "a"]);
  later(100);
  expect(new Set([first("x"), first("x")])).toEqual(new Set(["a", "b"]));
  made.failed(a);
  made.failed(b);
  expect(made.candidates("x")).toHaveLength(2);
  made.worked(a);
  expect(first("x")).toBe("a");
  expect(a.failures).toBe(2);
});

test.each([
  ["10.0.0.1:5432", "10.0.0.1", 5432],
  ["db.internal:1", "db.internal", 1],
  ["[::1]:65535", "::1", 65_535],
])("%s", (text, host, port) => {
  expect(parseLayer4Address(text)).toEqual({ name: text, host, port, unix: undefined });
});

test.each([
  ["10.0.0.1", "host:port"],
  ["10.0.0.1:0", "host:port"],
  ["10.0.0.1:65536", "host:port"],
  ["::1:53", "host:port"],
  ["[::g]:53", "host:port"],
  ["[1.2.3.4]:53", "host:port"],
  ["tcp://db:5432", "leave tcp:// out"],
  ["a b:1", "host:port"],
  ["unix:run/x", "absolute path"],
  [`unix:/${"x".repeat(108)}`, "at most 107"],
])("%s is refused", (text, message) => {
  expect(() => parseLayer4Address(text)).toThrow(message);
});
