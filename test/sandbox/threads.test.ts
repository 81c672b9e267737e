import { expect, test } from "bun:test";
import { SandboxTimeout, WasmSandbox } from "sluice/sandbox";
import { wat } from "./guests/wat.ts";
import { errorOf } from "./support/error-of.ts";

const GUEST = wat(`(module
  (func (export "spin") (loop br 0))
  (func (export "answer") (result i32) (i32.const 42)))`);
const build = (cpuTimeout: number) =>
  WasmSandbox.builder().source(GUEST).cpuTimeout(cpuTimeout).callTimeout("60s").build();

test("tenants whose guests take long do not hold up the others", async () => {
  const greedy = await Promise.all(Array.from({ length: 6 }, () => build(1_500)));
  const others = await Promise.all(Array.from({ length: 6 }, () => build(1_500)));
  // All threads know all sandboxes, and others' calls are on their way when the long ones begin.
  await Promise.all([...greedy, ...others].map((sandbox) => sandbox.call("answer")));
  let spinning = greedy.length;
  const spins = greedy.map(async (sandbox) => {
    const error = await errorOf(sandbox.call("spin"));
    spinning--;
    return error;
  });
  const answers = await Promise.all(others.map((sandbox) => sandbox.call("answer")));
  expect(answers).toEqual(others.map(() => 42));
  expect(spinning).toBe(greedy.length);
  for (const error of await Promise.all(spins)) expect(error).toBeInstanceOf(SandboxTimeout);
  await Promise.all([...greedy, ...others].map((sandbox) => sandbox.dispose()));
}, 60_000);

test("calls of one sandbox wait for each other, however long one takes", async () => {
  const sandbox = await build(200);
  const order: string[] = [];
  const calls = ["spin", "answer", "spin", "answer"].map((entry, i) =>
    sandbox.call(entry).then(
      () => order.push(`answer ${i}`),
      () => order.push(`stopped ${i}`),
    ),
  );
  await Promise.all(calls);
  expect(order).toEqual(["stopped 0", "answer 1", "stopped 2", "answer 3"]);
  await sandbox.dispose();
}, 60_000);

test("a call that waits beyond its time is not begun", async () => {
  const sandbox = await WasmSandbox.builder()
    .source(GUEST)
    .cpuTimeout("60s")
    .callTimeout(300)
    .build();
  const first = errorOf(sandbox.call("spin"));
  // As if it had been made earlier: its time is over in any case before that of the first is.
  const { now } = performance;
  performance.now = () => now.call(performance) - 200;
  const second = errorOf(sandbox.call("answer"));
  performance.now = now;
  expect(await first).toMatchObject({ bound: "callTimeout", limitMs: 300 });
  expect(await second).toMatchObject({ bound: "callTimeout", limitMs: 300 });
  expect(sandbox.counts).toMatchObject({ calls: 2, errors: 2 });
  await sandbox.dispose();
});

test("more calls than a thread takes at a time", async () => {
  const sandbox = await build(1_000);
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => sandbox.call("answer")));
  expect(new Set(answers)).toEqual(new Set([42]));
  await sandbox.dispose();
});

test("sandboxes come and go while others run", async () => {
  const lasting = await build(1_000);
  for (let round = 0; round < 20; round++) {
    const one = await build(1_000);
    expect(await Promise.all([one.call("answer"), lasting.call("answer")])).toEqual([42, 42]);
    await one.dispose();
  }
  await lasting.dispose();
  const again = await build(1_000);
  expect(await again.call("answer")).toBe(42);
  await again.dispose();
});

test("calls that were made are answered when their sandbox is disposed of meanwhile", async () => {
  const [one, other] = await Promise.all([build(1_000), build(1_000)]);
  const calls = Array.from({ length: 300 }, () => one.call("answer"));
  await one.dispose();
  expect(new Set(await Promise.all(calls))).toEqual(new Set([42]));
  await other.dispose();
});

test.each(["worker", "process"] as const)(
  "%s: a session that is closed with a call under way leaves no instance",
  async (kind) => {
    const source = wat(`(module
      (import "extism:host/env" "input_length" (func (result i64)))
      (memory 4) (func (export "f") (result i32) (i32.const 0)))`);
    await using sandbox = await WasmSandbox.builder()
      .source(source)
      .executor(kind)
      .callTimeout("20s")
      .build();
    await sandbox.call("f", "");
    const alone = await sandbox.memoryUsage();
    const sessions = Array.from({ length: 100 }, () => sandbox.session());
    const calls = sessions.map((session) => session.call("f", ""));
    for (const session of sessions) session.close();
    await Promise.all(calls);
    expect(await sandbox.memoryUsage()).toBe(alone);
  },
);
