import { expect, test } from "bun:test";
import type { Entry } from "./entry.ts";
import { FileCache } from "./file-cache.ts";

function entry(weight: number): Entry {
  return { weight, used: false, grew: undefined } as unknown as Entry;
}

test("stays within its bytes, and what was used lately stays", () => {
  const cache = new FileCache(1000);
  for (let i = 0; i < 100; i++) {
    cache.set(`k${i}`, entry(100));
    const first = cache.get("k0");
    if (first !== undefined) first.used = true;
    expect(cache.bytes).toBeLessThanOrEqual(1000);
  }
  expect(cache.get("k0")).toBeDefined();
  expect(cache.get("k99")).toBeDefined();
  expect(cache.get("k50")).toBeUndefined();
});

test("counts what entries gain, and nothing of those that left", () => {
  const cache = new FileCache(1000);
  const a = entry(100);
  cache.set("a", a);
  a.weight += 500;
  a.grew?.(500);
  expect(cache.bytes).toBe(602);
  cache.delete("a");
  expect(cache.bytes).toBe(0);
  expect(a.grew).toBeUndefined();
  cache.delete("a");
  expect(cache.bytes).toBe(0);
});

test("an entry that outgrows everything leaves", () => {
  const cache = new FileCache(1000);
  const a = entry(900);
  cache.set("a", a);
  a.weight += 500;
  a.grew?.(500);
  expect(cache.get("a")).toBeUndefined();
  expect(cache.bytes).toBe(0);
});

test("what is larger than the cache is not kept, and replaces nothing", () => {
  const cache = new FileCache(1000);
  cache.set("big", entry(2000));
  expect(cache.get("big")).toBeUndefined();
  expect(cache.bytes).toBe(0);
  cache.set("a", entry(100));
  cache.set("a", entry(200));
  expect(cache.bytes).toBe(202);
});
