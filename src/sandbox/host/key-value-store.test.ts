import { expect, test } from "bun:test";
import { KeyValueStore } from "./key-value-store.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined =>
  value && new TextDecoder().decode(value);

function store(limits = { maxKeys: 10, maxBytes: 10_000 }) {
  let now = 0;
  return { kv: new KeyValueStore(limits, () => now), later: (ms: number) => void (now += ms) };
}

test("keeps values of its own until their time is over", () => {
  const { kv, later } = store();
  const value = bytes("one");
  kv.set("a", value, 100);
  value[0] = 0;
  expect(text(kv.get("a"))).toBe("one");
  kv.get("a")![0] = 0;
  expect(text(kv.get("a"))).toBe("one");
  later(99);
  expect(kv.get("a")).toBeDefined();
  later(1);
  expect(kv.get("a")).toBeUndefined();
  expect(kv.delete("a")).toBe(false);
  kv.set("b", bytes("two"));
  later(1e9);
  expect(kv.delete("b")).toBe(true);
});

test("counts; a window ends when it began plus its time", () => {
  const { kv, later } = store();
  expect([kv.increment("n", 1, 100), kv.increment("n", 5, 100), kv.increment("n", -2)]).toEqual([
    1, 6, 4,
  ]);
  later(99);
  expect(kv.increment("n", 1, 100)).toBe(5);
  later(1);
  expect(kv.increment("n", 1, 100)).toBe(1);
  expect(text(kv.get("n"))).toBe("1");
  kv.set("w", bytes("word"));
  expect(() => kv.increment("w")).toThrow("no number");
  expect(() => kv.increment("n", 0.5)).toThrow("whole number");
  kv.set("m", bytes(String(Number.MAX_SAFE_INTEGER)));
  expect(() => kv.increment("m")).toThrow("too large");
  expect(() => kv.set("z", bytes(""), 0)).toThrow("time to live");
});

test("has no more keys and bytes than it may; what is over makes room", () => {
  const { kv, later } = store({ maxKeys: 2, maxBytes: 1000 });
  kv.set("a", bytes("1"), 10);
  kv.set("b", bytes("2"));
  expect(() => kv.set("c", bytes("3"))).toThrow("full");
  kv.set("b", bytes("again"));
  later(10);
  kv.set("c", bytes("3"));
  expect(kv.get("a")).toBeUndefined();
  expect(() => kv.set("b", new Uint8Array(1000))).toThrow("full");
  expect(text(kv.get("b"))).toBe("again");
  expect(() => kv.set("k".repeat(2000), bytes(""))).toThrow("characters");
});
