import { expect, test } from "bun:test";
import { ManualTime } from "../../../test/support/manual-time.ts";
import { Discovery } from "./discovery.ts";
import type { Discovered } from "./discovery-source.ts";

/** Lets promises settle. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

function watching(answers: () => AsyncIterable<Discovered | Error>, found?: () => void) {
  const time = new ManualTime();
  const told: string[] = [];
  const discovery = new Discovery(
    { name: "test", watch: answers },
    {
      found(backends) {
        found?.();
        told.push(`found ${backends.length}`);
      },
      failed: (reason) => void told.push(`failed ${reason}`),
      recovered: () => void told.push("recovered"),
    },
    time.now,
    time.schedule,
    () => 1,
  );
  discovery.start();
  return { time, told, discovery };
}

test("a source that fails is asked again, each time later, and told of once", async () => {
  let asked = 0;
  const { time, told, discovery } = watching(async function* () {
    if (++asked <= 9) throw new Error("no answer");
    yield ["a"];
  });
  expect(discovery.state).toBe("waiting");
  const waits: (number | undefined)[] = [];
  for (let i = 0; i < 9; i++) {
    await settle();
    waits.push(time.nextMs);
    time.advance(time.nextMs as number);
  }
  await settle();
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  expect(told).toEqual(["failed no answer", "found 1", "recovered"]);
  expect(discovery).toMatchObject({ state: "ok", reason: undefined, updates: 1, failures: 9 });
  // It has ended: there is nothing more to come.
  expect(time.waiting).toBe(0);
});

test("after a long time that was good the wait is short again", async () => {
  let asked = 0;
  const { time } = watching(async function* () {
    if (++asked !== 4) throw new Error("no answer");
    yield ["a"];
    await new Promise<void>((resolve) => void time.schedule(resolve, 120_000));
    throw new Error("broken off");
  });
  for (let i = 0; i < 3; i++) {
    await settle();
    time.advance(time.nextMs as number);
  }
  await settle();
  time.advance(120_000);
  await settle();
  expect(time.nextMs).toBe(500);
});

test("an error that it gives is one after which it goes on; what cannot be used is one as well", async () => {
  let isBad = false;
  const { told, discovery } = watching(
    async function* () {
      yield ["a"];
      yield new Error("half a file");
      yield ["a", "b"];
      isBad = true;
      yield ["c"];
      isBad = false;
      yield ["d"];
    },
    () => {
      if (isBad) throw new TypeError("c is no backend");
    },
  );
  await settle();
  expect(told).toEqual([
    "found 1",
    "failed half a file",
    "found 2",
    "recovered",
    "failed c is no backend",
    "found 1",
    "recovered",
  ]);
  expect(discovery).toMatchObject({ state: "ok", reason: undefined, failures: 2 });
  discovery.stop();
});

test("once stopped nothing is told and nothing is waited for", async () => {
  const gate = Promise.withResolvers<void>();
  const { time, told, discovery } = watching(async function* () {
    await gate.promise;
    yield ["a"];
  });
  discovery.stop();
  gate.resolve();
  await discovery.first;
  await settle();
  expect(told).toEqual([]);
  const failing = watching(async function* () {
    yield [];
    throw new Error("no");
  });
  await settle();
  expect(failing.time.waiting).toBe(1);
  failing.discovery.stop();
  expect([time.waiting, failing.time.waiting]).toEqual([0, 0]);
});
