import { describe, expect, test } from "bun:test";
import { firstToConnect, interleaved } from "./happy-eyeballs.ts";

const never = new AbortController().signal;
const discarded: unknown[] = [];
const discard = (connected: unknown) => void discarded.push(connected);

/** Attempts in the order they were begun; each ends when the test says so. */
function attempts() {
  const begun = new Map<string, PromiseWithResolvers<string> & { signal: AbortSignal }>();
  const waiting: (() => void)[] = [];
  const connect = (host: string, signal: AbortSignal): Promise<string> => {
    const attempt = { ...Promise.withResolvers<string>(), signal };
    begun.set(host, attempt);
    for (const wake of waiting.splice(0)) wake();
    return attempt.promise;
  };
  const until = async (host: string) => {
    while (!begun.has(host)) await new Promise<void>((wake) => waiting.push(wake));
    return begun.get(host) as PromiseWithResolvers<string> & { signal: AbortSignal };
  };
  return { begun, connect, until };
}

describe("addresses", () => {
  test("alternate between the families, the first one first", () => {
    expect(interleaved(["::1", "::2", "::3", "10.0.0.1"])).toEqual([
      "::1",
      "10.0.0.1",
      "::2",
      "::3",
    ]);
    expect(interleaved(["10.0.0.1", "10.0.0.2", "::1"])).toEqual(["10.0.0.1", "::1", "10.0.0.2"]);
    expect(interleaved([])).toEqual([]);
  });
});

describe("the first that answers", () => {
  test("is taken without asking the others", async () => {
    const { begun, connect, until } = attempts();
    const outcome = firstToConnect(["::1", "10.0.0.1"], connect, never, discard, 60_000);
    (await until("::1")).resolve("six");
    expect(await outcome).toBe("six");
    expect([...begun.keys()]).toEqual(["::1"]);
    expect(begun.get("::1")?.signal.aborted).toBe(false);
  });

  test("is the second when the first says nothing, which is given up", async () => {
    const { begun, connect, until } = attempts();
    const outcome = firstToConnect(["::1", "10.0.0.1", "::2"], connect, never, discard, 1);
    (await until("10.0.0.1")).resolve("four");
    expect(await outcome).toBe("four");
    expect(begun.get("::1")?.signal.aborted).toBe(true);
    expect(begun.get("10.0.0.1")?.signal.aborted).toBe(false);
  });

  test("is the first all the same when it answers while the second is asked", async () => {
    const { begun, connect, until } = attempts();
    const outcome = firstToConnect(["::1", "10.0.0.1"], connect, never, discard, 1);
    await until("10.0.0.1");
    begun.get("::1")?.resolve("six");
    expect(await outcome).toBe("six");
    expect(begun.get("10.0.0.1")?.signal.aborted).toBe(true);
  });
});

test("a failure does not wait for its time to be over", async () => {
  const { begun, connect, until } = attempts();
  const outcome = firstToConnect(["::1", "10.0.0.1"], connect, never, discard, 60_000);
  (await until("::1")).reject(new Error("unreachable"));
  (await until("10.0.0.1")).resolve("four");
  expect(await outcome).toBe("four");
  expect([...begun.keys()]).toEqual(["::1", "10.0.0.1"]);
});

test("when all fail it is the last failure that is told", async () => {
  const { connect, until } = attempts();
  const outcome = firstToConnect(["::1", "10.0.0.1"], connect, never, discard, 60_000);
  (await until("::1")).reject(new Error("unreachable"));
  (await until("10.0.0.1")).reject(new Error("refused"));
  await expect(outcome).rejects.toThrow("refused");
});

test("whoever gives up ends every attempt, and begins none", async () => {
  const { begun, connect, until } = attempts();
  const control = new AbortController();
  const outcome = firstToConnect(["::1", "10.0.0.1"], connect, control.signal, discard, 60_000);
  const first = await until("::1");
  control.abort(new Error("out of time"));
  await expect(outcome).rejects.toThrow("out of time");
  expect(first.signal.aborted).toBe(true);
  first.reject(new Error("aborted"));
  await new Promise((done) => setTimeout(done, 1));
  expect([...begun.keys()]).toEqual(["::1"]);
  const late = firstToConnect(["::2"], connect, control.signal, discard);
  await expect(late).rejects.toThrow("out of time");
  expect(begun.has("::2")).toBe(false);
});

test("whoever answers at the same moment as another is closed", async () => {
  const { connect, until } = attempts();
  const outcome = firstToConnect(["::1", "10.0.0.1"], connect, never, discard, 1);
  const [six, four] = [await until("::1"), await until("10.0.0.1")];
  discarded.length = 0;
  six.resolve("six");
  four.resolve("four");
  expect(await outcome).toBe("six");
  await Promise.resolve();
  expect(discarded).toEqual(["four"]);
});

test("what answers after everything was given up is closed", async () => {
  const { connect, until } = attempts();
  const control = new AbortController();
  const outcome = firstToConnect(["::1"], connect, control.signal, discard, 60_000);
  const attempt = await until("::1");
  discarded.length = 0;
  attempt.resolve("six");
  control.abort(new Error("out of time"));
  await expect(outcome).rejects.toThrow("out of time");
  expect(discarded).toEqual(["six"]);
});
