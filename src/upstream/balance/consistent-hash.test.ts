import { expect, test } from "bun:test";
import { fakeBackends } from "../../../test/support/balanced-backends.ts";
import { ConsistentHash } from "./consistent-hash.ts";
import { hashKey, mixBits } from "./hash-key.ts";

const KEYS = Array.from({ length: 20_000 }, (_, i) =>
  hashKey(`10.${i >> 14}.${(i >> 7) & 127}.${i & 127}`),
);
const owners = (ring: ConsistentHash<ReturnType<typeof fakeBackends>[0]>) =>
  KEYS.map((key) => ring.select(key).next()?.name);

test("shares are level within a fifth or so", () => {
  const counts = Map.groupBy(
    owners(new ConsistentHash(fakeBackends(...Array(10).fill(1)))),
    (name) => name,
  );
  expect(counts.size).toBe(10);
  for (const { length } of counts.values()) expect(length).toBeWithin(1_550, 2_450);
});

test("a backend that leaves moves its own keys only, to all the others", () => {
  const all = fakeBackends(...Array(10).fill(1));
  const before = owners(new ConsistentHash(all));
  const after = owners(new ConsistentHash(all.filter(({ name }) => name !== "d")));
  const heirs = new Set<string | undefined>();
  for (const [i, owner] of before.entries()) {
    if (owner === "d") heirs.add(after[i]);
    else expect(after[i]).toBe(owner);
  }
  expect(heirs.size).toBe(9);
});

test("the second candidate is who would inherit", () => {
  const all = fakeBackends(1, 2, 3, 4);
  const ring = new ConsistentHash(all);
  for (const key of KEYS.slice(0, 200)) {
    const selection = ring.select(key);
    const first = selection.next();
    const rest = new ConsistentHash(all.filter((backend) => backend !== first));
    expect(selection.next()).toBe(rest.select(key).next());
  }
});

test("the order of the backends makes no difference", () => {
  const all = fakeBackends(1, 2, 3, 4);
  expect(owners(new ConsistentHash(all.toReversed()))).toEqual(owners(new ConsistentHash(all)));
});

test("the ends of the ring", () => {
  const ring = new ConsistentHash(fakeBackends(1, 1));
  for (const key of [0, 1, 2 ** 31, 2 ** 32 - 1]) expect(ring.select(key).next()).toBeDefined();
  const single = new ConsistentHash(fakeBackends(1));
  expect(single.select(2 ** 32 - 1).next()?.name).toBe("a");
});

test("hashes are uint32 and spread over all bits", () => {
  const buckets = new Uint32Array(256);
  for (const key of KEYS) {
    expect(Number.isInteger(key) && key >= 0 && key < 2 ** 32).toBe(true);
    const top = key >>> 24;
    buckets[top] = (buckets[top] as number) + 1;
  }
  expect(Math.max(...buckets)).toBeLessThan(130);
  expect(Math.min(...buckets)).toBeGreaterThan(40);
  expect(new Set(KEYS).size).toBeGreaterThan(19_990);
  expect(hashKey("")).toBe(mixBits(0x811c9dc5));
});
