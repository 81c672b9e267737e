import { describe, expect, test } from "bun:test";
import { MemoryStore } from "./memory-store.ts";
import { StoreService } from "./store-service.ts";
import type { StoreReply, StoreRequest } from "./store-messages.ts";
import type { Store } from "./store.ts";
import { SupervisorStore } from "./supervisor-store.ts";

/** A worker's store with its supervisor's, and a channel that copies as a process boundary does. */
function acrossProcesses(memory: Store): SupervisorStore {
  const send = (request: StoreRequest) => {
    queueMicrotask(() => void service.receive(structuredClone(request)));
  };
  const worker = new SupervisorStore({ send, batchMs: 1 });
  const service = new StoreService(memory, (reply: StoreReply) => {
    queueMicrotask(() => worker.receive(structuredClone(reply)));
  });
  return worker;
}

let clock = 0;
const memory = () => new MemoryStore({ now: () => clock, maxKeys: 100 });

describe.each([
  ["memory", memory],
  ["the supervisor", () => acrossProcesses(memory())],
] as const)("a store in %s", (_, create) => {
  test("keeps values, forgets them on request", async () => {
    const store = create();
    expect(await store.get("a")).toBeUndefined();
    await store.set("a", { list: [1, null, "x"] });
    expect(await store.get("a")).toEqual({ list: [1, null, "x"] });
    await store.set("a", null);
    expect(await store.get("a")).toBeNull();
    await store.delete("a");
    expect(await store.get("a")).toBeUndefined();
  });

  test("forgets what has expired; an addition does not prolong, expire does", async () => {
    const store = create();
    await store.set("a", 1, 100);
    await store.increment("n", 1, 100);
    clock += 60;
    expect(await store.increment("n", 1, 100)).toBe(2);
    expect(await store.expire("a", 100)).toBe(true);
    clock += 60;
    expect(await store.increment("n", 1, 100)).toBe(1);
    expect(await store.get("a")).toBe(1);
    clock += 60;
    expect(await store.get("a")).toBeUndefined();
    expect(await store.expire("a", 100)).toBe(false);
  });

  test("gives every addition its own sum", async () => {
    const store = create();
    const sums = await Promise.all([1, 2, 3, 4].map((by) => store.increment("n", by)));
    expect(sums).toEqual([1, 3, 6, 10]);
    expect(await store.increment("n", -10)).toBe(0);
  });

  test("keeps the order of additions and other writings", async () => {
    const store = create();
    const results = await Promise.all([
      store.increment("n"),
      store.increment("n"),
      store.set("n", 100),
      store.increment("n"),
      store.delete("n"),
      store.increment("n"),
      store.get("n"),
    ]);
    expect(results).toEqual([1, 2, undefined, 101, undefined, 1, 1]);
  });

  test("says what is no counter and which key is too long", async () => {
    const store = create();
    await store.set("a", "text");
    const adding = [store.increment("a"), store.increment("a")];
    for (const { status, ...rest } of await Promise.allSettled(adding)) {
      expect(status).toBe("rejected");
      expect((rest as { reason: { code: string } }).reason.code).toBe("store_not_a_counter");
    }
    const long = "k".repeat(1025);
    await expect(store.set(long, 1)).rejects.toThrow("at most 1024");
    await expect(store.increment(long)).rejects.toThrow("at most 1024");
    expect(await store.get("b")).toBeUndefined();
  });

  test("holds no more keys than it may; the oldest go first", async () => {
    const store = create();
    await store.set("short", 1, 1);
    await Promise.all(Array.from({ length: 100 }, (_, index) => store.set(`k${index}`, index)));
    await store.set("k0", "again");
    await store.set("one more", 1);
    clock += 10;
    expect(await store.get("k0")).toBe("again");
    expect(await store.get("k1")).toBeUndefined();
    expect(await store.get("k99")).toBe(99);
  });

  test("publishes to whoever subscribed, until they end it", async () => {
    const store = create();
    const heard: unknown[] = [];
    const end = store.subscribe("news", (message) => heard.push(["one", message]));
    const endOther = store.subscribe("news", (message) => heard.push(["two", message]));
    await store.publish("news", "first");
    await store.publish("else", "nothing");
    await Bun.sleep(5);
    end();
    await store.publish("news", "second");
    await Bun.sleep(5);
    endOther();
    await store.publish("news", "third");
    await Bun.sleep(5);
    expect(heard).toEqual([
      ["one", "first"],
      ["two", "first"],
      ["two", "second"],
    ]);
  });
});

test("two workers count together, and hear each other", async () => {
  const shared = memory();
  const [one, two] = [acrossProcesses(shared), acrossProcesses(shared)];
  const heard: unknown[] = [];
  two.subscribe("room", (message) => heard.push(message));
  const many = Array.from({ length: 500 }, (_, index) => (index % 2 ? one : two).increment("n"));
  const sums = await Promise.all(many);
  expect(new Set(sums).size).toBe(500);
  expect(Math.max(...sums)).toBe(500);
  await one.publish("room", "hello");
  await Bun.sleep(5);
  expect(heard).toEqual(["hello"]);
});

test("additions of one moment are one operation", async () => {
  const sent: StoreRequest[] = [];
  const store = new SupervisorStore({ send: (request) => sent.push(request), batchMs: 1 });
  const sums = Promise.all(Array.from({ length: 1_000 }, () => store.increment("n", 1, 50)));
  await Bun.sleep(5);
  expect(sent).toEqual([
    { type: "store", id: 1, operations: [{ op: "increment", key: "n", by: 1_000, ttl: 50 }] },
  ]);
  store.receive({ type: "store-answers", id: 1, results: [{ v: 5_000 }] });
  expect((await sums)[0]).toBe(4_001);
  expect((await sums)[999]).toBe(5_000);
});

test("a supervisor that does not answer fills no memory, and one that is gone leaves nobody waiting", async () => {
  const store = new SupervisorStore({ send() {}, batchMs: 1, maxWaiting: 10 });
  const asked = Array.from({ length: 10 }, (_, index) => store.get(`k${index}`));
  await expect(store.get("more")).rejects.toThrow("more than 10");
  await expect(store.increment("n")).rejects.toThrow("more than 10");
  await Bun.sleep(3);
  await expect(store.increment("n")).rejects.toThrow("more than 10");
  store.close();
  for (const answer of asked) await expect(answer).rejects.toThrow("the supervisor is gone");
  await expect(store.get("late")).rejects.toThrow("the supervisor is gone");
});

test("a worker's subscriptions end with it", async () => {
  const shared = memory();
  const replies: StoreReply[] = [];
  const service = new StoreService(shared, (reply) => replies.push(reply));
  await service.receive({ type: "store", id: 1, operations: [{ op: "subscribe", channel: "a" }] });
  service.close();
  await shared.publish("a", 1);
  expect(replies).toEqual([{ type: "store-answers", id: 1, results: [{}] }]);
});
