import { expect, test } from "bun:test";
import type { Source } from "../wire/source.ts";
import { readAll } from "../wire/source.ts";
import { ReplayBody } from "./replay-body.ts";

/** A source of chunks whose memory is used again at each pull, as a connection's is. */
function reusing(chunks: readonly string[], size?: number) {
  const buffer = new Uint8Array(64);
  const state = { pulls: 0, cancelled: 0 };
  const source: Source = {
    size,
    pull() {
      buffer.fill(0);
      const chunk = chunks[state.pulls++];
      if (chunk === undefined) return null;
      const { written } = new TextEncoder().encodeInto(chunk, buffer);
      return buffer.subarray(0, written);
    },
    cancel() {
      state.cancelled++;
    },
  };
  return { source, state };
}

const text = async (source: Source) => new TextDecoder().decode(await readAll(source));

test("a second attempt sends what the first one did, and the rest", async () => {
  const { source, state } = reusing(["one ", "two ", "three"]);
  const body = new ReplayBody(source, 100);
  const first = body.attempt();
  await first.pull();
  await first.pull();
  first.cancel(new Error("reset"));
  expect(body.replayable).toBe(true);
  expect(state.cancelled).toBe(0);
  expect(await text(body.attempt())).toBe("one two three");
  expect(await text(body.attempt())).toBe("one two three");
  expect(state.pulls).toBe(4);
});

test("beyond the limit it cannot be sent again, says so, and keeps nothing", async () => {
  const { source, state } = reusing(["12345", "67890", "x", "y"]);
  const body = new ReplayBody(source, 10);
  const attempt = body.attempt();
  await attempt.pull();
  await attempt.pull();
  expect([body.replayable, body.keptBytes]).toEqual([true, 10]);
  await attempt.pull();
  expect([body.replayable, body.keptBytes]).toEqual([false, 0]);
  expect(() => body.attempt()).toThrow("cannot be sent again");
  expect(await text(attempt)).toBe("y");
  attempt.cancel();
  expect(state.cancelled).toBe(0);
});

test("a body known to be longer is not kept, but may be sent while nothing of it was", async () => {
  const { source, state } = reusing(["12345", "678"], 8);
  const body = new ReplayBody(source, 4);
  body.attempt().cancel();
  expect([body.replayable, state.cancelled]).toEqual([true, 0]);
  const attempt = body.attempt();
  expect(attempt.size).toBe(8);
  await attempt.pull();
  expect([body.replayable, body.keptBytes]).toEqual([false, 0]);
  attempt.cancel();
  expect(state.cancelled).toBe(1);
});

test("the first success frees what was kept, and the rest passes by", async () => {
  const { source } = reusing(["aaaa", "bbbb", "cccc"]);
  const body = new ReplayBody(source, 100);
  const attempt = body.attempt();
  await attempt.pull();
  body.settle();
  expect([body.replayable, body.keptBytes]).toEqual([false, 0]);
  expect(await text(attempt)).toBe("bbbbcccc");
  expect(body.keptBytes).toBe(0);
});

test("a success in the middle of a replay still sends all of it", async () => {
  const { source } = reusing(["aaaa", "bbbb", "cccc"]);
  const body = new ReplayBody(source, 100);
  await text(body.attempt());
  const second = body.attempt();
  await second.pull();
  body.settle();
  expect(await text(second)).toBe("bbbbcccc");
  expect(body.keptBytes).toBe(0);
});

test("a pull that was pending when its attempt was given up is not lost", async () => {
  const waiting: ((chunk: Uint8Array | null) => void)[] = [];
  const source: Source = {
    size: undefined,
    pull: () => new Promise((resolve) => waiting.push(resolve)),
    cancel() {},
  };
  const body = new ReplayBody(source, 100);
  const first = body.attempt();
  const pending = first.pull() as Promise<Uint8Array>;
  first.cancel();
  const second = body.attempt();
  const chunk = second.pull() as Promise<Uint8Array>;
  expect(waiting.length).toBe(1);
  waiting[0]?.(Uint8Array.of(7));
  expect(await chunk).toEqual(Uint8Array.of(7));
  await pending;
  const end = second.pull() as Promise<null>;
  waiting[1]?.(null);
  expect(await end).toBeNull();
});

/** A source whose chunks come when they are given. */
function given() {
  const waiting: PromiseWithResolvers<Uint8Array | null>[] = [];
  const source: Source = {
    size: undefined,
    pull() {
      const next = Promise.withResolvers<Uint8Array | null>();
      waiting.push(next);
      return next.promise;
    },
    cancel() {},
  };
  return { source, waiting, give: (chunk: string) => waiting.at(-1)?.resolve(Buffer.from(chunk)) };
}

test("nor is one whose chunk is too much to be kept, for the attempt that waits for it", async () => {
  for (const settles of [false, true]) {
    const { source, waiting, give } = given();
    const body = new ReplayBody(source, 4);
    void body.attempt().pull();
    const second = body.attempt();
    const chunk = second.pull() as Promise<Uint8Array>;
    if (settles) body.settle();
    give("too long");
    expect(Buffer.from(await chunk).toString()).toBe("too long");
    expect([waiting.length, body.replayable, body.keptBytes]).toEqual([1, false, 0]);
  }
});

test("what comes between two attempts is kept for the second, whatever its size", async () => {
  const { source, give } = given();
  const body = new ReplayBody(source, 4);
  const first = body.attempt();
  const pending = first.pull();
  first.cancel();
  give("too long");
  await pending;
  expect(body.replayable).toBe(true);
  const second = body.attempt();
  expect(Buffer.from((await second.pull()) as Uint8Array).toString()).toBe("too long");
  const next = second.pull();
  give("x");
  await next;
  expect([body.replayable, body.keptBytes]).toEqual([false, 0]);
});

test("what breaks off between two attempts says why", async () => {
  const { source, waiting } = given();
  const body = new ReplayBody(source, 4);
  const first = body.attempt();
  const pending = Promise.resolve(first.pull()).catch(() => "failed");
  first.cancel();
  const gone = new Error("client gone");
  waiting[0]?.reject(gone);
  expect(await pending).toBe("failed");
  expect([body.replayable, body.failure]).toEqual([false, gone]);
});

test("an attempt that was replaced gets nothing any more, and its cancel does no harm", async () => {
  const { source, state } = reusing(["a", "b"]);
  const body = new ReplayBody(source, 10);
  const first = body.attempt();
  const second = body.attempt();
  expect(() => first.pull()).toThrow("another attempt");
  first.cancel();
  expect(await text(second)).toBe("ab");
  expect(state.cancelled).toBe(0);
});

test("a body that fails cannot be sent again", async () => {
  for (const pull of [
    () => Promise.reject(new Error("client gone")),
    () => {
      throw new Error("client gone");
    },
  ]) {
    const body = new ReplayBody({ size: undefined, pull, cancel() {} }, 10);
    const attempt = body.attempt();
    expect(async () => await attempt.pull()).toThrow("client gone");
    await Promise.resolve();
    expect(body.replayable).toBe(false);
  }
});

test("cancel lets everything go, once", async () => {
  const { source, state } = reusing(["a", "b"]);
  const body = new ReplayBody(source, 10);
  await body.attempt().pull();
  body.cancel();
  body.cancel();
  expect([body.replayable, body.keptBytes, state.cancelled]).toEqual([false, 0, 1]);
});
