import { expect, test } from "bun:test";
import { fakeBackends } from "../../../test/support/balanced-backends.ts";
import { RoundRobin } from "./round-robin.ts";

const names = (
  balancer: RoundRobin<{ name: string } & ReturnType<typeof fakeBackends>[0]>,
  n: number,
) => Array.from({ length: n }, () => balancer.select().next()?.name).join("");

test("equal backends take turns", () => {
  expect(names(new RoundRobin(fakeBackends(1, 1, 1), () => 0), 7)).toBe("abcabca");
});

test("weights are smooth: the order of nginx", () => {
  expect(names(new RoundRobin(fakeBackends(5, 1, 1), () => 0), 14)).toBe("aabacaaaabacaa");
  expect(names(new RoundRobin(fakeBackends(50, 10, 10), () => 0), 7)).toBe("aabacaa");
});

test("begins where chance says", () => {
  expect(names(new RoundRobin(fakeBackends(1, 1, 1), () => 0.99), 3)).toBe("cab");
});

test("weights with large sums keep their proportion", () => {
  const balancer = new RoundRobin(fakeBackends(65_535, 32_767, 1), () => 0);
  const taken = names(balancer, 9_000);
  const share = taken.replaceAll(/[^a]/g, "").length / 9_000;
  expect(share).toBeGreaterThan(0.66);
  expect(share).toBeLessThan(0.67);
  expect(taken).toContain("c");
});

test("a backend at a tenth of its weight gets a tenth of its turns", () => {
  const backends = fakeBackends(1, 1);
  (backends[1] as { ramp: number }).ramp = 0.1;
  const taken = names(new RoundRobin(backends, () => 0), 1_100);
  expect(taken.replaceAll("a", "").length).toBeWithin(98, 103);
});

test("when all start slowly, requests are still served evenly", () => {
  const backends = fakeBackends(1, 1, 1, 1);
  for (const backend of backends) backend.ramp = 0.1;
  const taken = names(new RoundRobin(backends, () => 0), 400);
  for (const name of "abcd") expect(taken.split(name).length - 1).toBeWithin(90, 111);
});

test("what a dead backend cannot take is spread over the others", () => {
  const backends = fakeBackends(1, 1, 1, 1);
  const balancer = new RoundRobin(backends, () => 0);
  const counts: Record<string, number> = {};
  for (let i = 0; i < 300; i++) {
    const selection = balancer.select();
    let backend = selection.next();
    while (backend?.name === "b") backend = selection.next();
    counts[backend?.name as string] = (counts[backend?.name as string] ?? 0) + 1;
  }
  expect(counts).toEqual({ a: 100, c: 100, d: 100 });
});
