import { describe, expect, test } from "bun:test";
import { fakeBackends } from "../../../test/support/balanced-backends.ts";
import { seededRandom } from "../../../test/support/random.ts";
import { createBalancer, strategies } from "./create-balancer.ts";

const chance = (seed: number) => {
  const random = seededRandom(seed);
  return () => random.below(2 ** 32) / 2 ** 32;
};

describe.each([...strategies])("%s", (strategy) => {
  test.each([1, 2, 3, 40])("names each of %i backends once", (count) => {
    const backends = fakeBackends(...Array.from({ length: count }, (_, i) => 1 + (i % 5) * 50));
    const balancer = createBalancer(strategy, backends, chance(count));
    for (let i = 0; i < 50; i++) {
      const selection = balancer.select(Math.imul(i, 0x9e3779b9) >>> 0);
      const named = backends.map(() => selection.next());
      expect(new Set(named).size).toBe(count);
      expect(named).not.toContain(undefined);
      expect(selection.next()).toBeUndefined();
      expect(selection.next()).toBeUndefined();
    }
  });

  test("has nothing to name without backends", () => {
    expect(
      createBalancer(strategy, [], () => 0.5)
        .select(7)
        .next(),
    ).toBeUndefined();
  });

  test("follows the weights", () => {
    const backends = fakeBackends(6, 3, 1);
    const balancer = createBalancer(strategy, backends, chance(5));
    const random = chance(11);
    const counts = [0, 0, 0];
    for (let i = 0; i < 20_000; i++) {
      const backend = balancer.select((random() * 2 ** 32) >>> 0).next();
      const at = backends.indexOf(backend as (typeof backends)[0]);
      counts[at] = (counts[at] as number) + 1;
    }
    const shares = counts.map((count) => Math.round(count / 2_000));
    expect(shares).toEqual([6, 3, 1]);
  });

  test("works for 1000 backends of large weights", () => {
    const backends = fakeBackends(
      ...Array.from({ length: 1000 }, (_, i) => 1 + ((i * 7919) % 65_535)),
    );
    const balancer = createBalancer(strategy, backends, chance(3));
    const selection = balancer.select(4_294_967_295);
    const named = new Set(backends.map(() => selection.next()));
    expect(named.size).toBe(1000);
    expect(named.has(undefined)).toBe(false);
  });
});

describe.each(["round_robin", "random", "least_conn", "p2c"] as const)("%s", (strategy) => {
  test("a slow start takes its part", () => {
    const backends = fakeBackends(4, 4);
    (backends[0] as (typeof backends)[0]).ramp = 0.25;
    const balancer = createBalancer(strategy, backends, chance(9));
    let taken = 0;
    for (let i = 0; i < 10_000; i++) if (balancer.select(0).next() === backends[0]) taken++;
    expect(taken).toBeWithin(1_850, 2_150);
  });
});

describe("least_conn", () => {
  test("names the least busy for its weight first, then in order", () => {
    const backends = fakeBackends(1, 10, 1);
    for (const [i, inFlight] of [3, 5, 1].entries())
      (backends[i] as (typeof backends)[0]).inFlight = inFlight;
    const selection = createBalancer("least_conn", backends, () => 0).select(0);
    expect([1, 2, 3].map(() => selection.next()?.name)).toEqual(["b", "c", "a"]);
  });

  test("idle backends take turns", () => {
    const balancer = createBalancer("least_conn", fakeBackends(1, 1, 1), () => 0);
    expect([1, 2, 3, 4].map(() => balancer.select(0).next()?.name).join("")).toBe("abca");
  });
});

describe("p2c", () => {
  test("never takes the busier of two", () => {
    const backends = fakeBackends(1, 1, 1);
    (backends[2] as (typeof backends)[0]).inFlight = 9;
    const balancer = createBalancer("p2c", backends, chance(1));
    const taken = new Set(Array.from({ length: 500 }, () => balancer.select(0).next()?.name));
    // Three draws alike in a row (1 in 27) leave no second choice.
    expect(taken.has("a") && taken.has("b")).toBe(true);
    let busy = 0;
    for (let i = 0; i < 1_000; i++) if (balancer.select(0).next() === backends[2]) busy++;
    expect(busy).toBeLessThan(50);
  });

  test("keeps the work under way level", () => {
    const backends = fakeBackends(...Array.from({ length: 20 }, () => 1));
    const balancer = createBalancer("p2c", backends, chance(2));
    for (let i = 0; i < 2_000; i++) {
      const backend = balancer.select(0).next() as (typeof backends)[0];
      backend.inFlight++;
    }
    for (const { inFlight } of backends) expect(inFlight).toBeWithin(92, 109);
  });
});
