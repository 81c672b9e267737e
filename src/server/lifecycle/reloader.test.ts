import { expect, test } from "bun:test";
import type { LifecycleEvent } from "./event.ts";
import { createReloader } from "./reloader.ts";

test("requests that come while one runs share the one after it", async () => {
  let version = 1;
  let applying = 0;
  const applied: number[] = [];
  const gate = Promise.withResolvers<void>();
  const { reload } = createReloader({
    build: () => version,
    async apply(built) {
      expect(++applying).toBe(1);
      await gate.promise;
      applied.push(built);
      applying--;
    },
    report() {},
  });
  const first = reload("a");
  await Promise.resolve();
  version = 2;
  const others = [reload("b"), reload("c")];
  gate.resolve();
  expect((await first).ok).toBe(true);
  for (const outcome of await Promise.all(others)) expect(outcome.ok).toBe(true);
  expect(applied).toEqual([1, 2]);
  version = 3;
  await reload("d");
  expect(applied).toEqual([1, 2, 3]);
});

test("a failure is told to whoever asked, reported, and is not the last word", async () => {
  const events: LifecycleEvent[] = [];
  let broken = true;
  const { reload } = createReloader({
    build() {
      if (broken) throw new Error("a.toml:1:1: error");
      return 1;
    },
    apply: async () => {},
    report: (event) => events.push(event),
  });
  expect(await reload("SIGHUP")).toEqual({ ok: false, problem: "a.toml:1:1: error" });
  broken = false;
  expect((await reload("SIGHUP")).ok).toBe(true);
  expect(events.map(({ event }) => event)).toEqual(["reload_failed", "reloaded"]);
  expect(events[0]?.message).toContain("a.toml:1:1: error");
});
