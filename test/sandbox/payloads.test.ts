import { expect, test } from "bun:test";
import { WasmSandbox } from "sluice/sandbox";
import { echoGuest } from "../../bench/sandbox/guest.ts";
import { wat } from "./guests/wat.ts";

test("on threads, inputs and outputs of any length come through, in order and each to its own", async () => {
  const build = async () =>
    WasmSandbox.builder()
      .source(await echoGuest())
      .cpuTimeout("5s")
      .callTimeout("60s")
      .build();
  await using one = await build();
  await using other = await build();
  // Around the length that lies in shared memory, and all of them under way at a time.
  const lengths = [0, 1, 7, 4095, 4096, 4097, 5000, 100_000];
  const inputs = Array.from({ length: 400 }, (_, i) =>
    new Uint8Array(lengths[i % lengths.length] as number).fill(i & 0xff),
  );
  const settled: number[] = [];
  const outputs = await Promise.all(
    inputs.map(async (input, i) => {
      const sandbox = i % 3 === 0 ? other : one;
      const output = await sandbox.call<Uint8Array>("echo", input);
      settled.push(i);
      return output;
    }),
  );
  expect(outputs).toEqual(inputs);
  // What one was given is no view of what another is given.
  expect(outputs.every(({ buffer }) => buffer instanceof ArrayBuffer)).toBe(true);
  expect(new Set(settled).size).toBe(inputs.length);
  // Names that nobody exports, more than a thread remembers: errors, and the next call works.
  const errors = await Promise.all(
    Array.from({ length: 1_200 }, (_, i) => one.call(`none${i}`, "x").catch(String)),
  );
  expect(errors.every((error, i) => String(error).includes(`no function "none${i}"`))).toBe(true);
  expect(await one.call<string>("echo", "still here")).toBe("still here");
});

test("an input is the call's own once it is made", async () => {
  await using sandbox = await WasmSandbox.builder()
    .source(await echoGuest())
    .build();
  const input = new Uint8Array(100).fill(1);
  const calling = sandbox.call<Uint8Array>("echo", input);
  input.fill(2);
  expect(await calling).toEqual(new Uint8Array(100).fill(1));
});

/** Gives its first byte back, and puts it in its log. */
const ONE_BYTE = wat(`(module
  (import "extism:host/env" "input_load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "log_info" (func $log (param i64)))
  (memory (export "memory") 1)
  (func (export "run") (result i32) (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store (local.get $block) (call $load (i64.const 0)))
    (call $log (local.get $block))
    (call $output (local.get $block) (i64.const 1))
    (i32.const 0)))`);

test.each(["inline", "worker", "process"] as const)(
  "%s: an output is the caller's own, whatever is called next",
  async (kind) => {
    const nested: unknown[] = [];
    await using sandbox = await WasmSandbox.builder()
      .source(ONE_BYTE)
      .executor(kind)
      .cpuTimeout(kind === "inline" ? 10 : 100)
      .callTimeout("30s")
      .onLog(({ text }) => {
        if (text !== "n" && nested.length < 4) nested.push(sandbox.call("run", "n"));
      })
      .build();
    const session = sandbox.session();
    const bytes = (text: string) => new TextEncoder().encode(text);
    const calls = ["a", "b"].flatMap((text) => [
      sandbox.call("run", bytes(text)),
      sandbox.exchange("run", bytes(text)),
      sandbox.callWithAudit("run", bytes(text)).then(({ output }) => output),
      session.call("run", bytes(text)),
      sandbox.call("run", text).then((output) => bytes(output as string)),
    ]);
    const outputs = await Promise.all(calls);
    await Promise.all(nested);
    await sandbox.call("run", "z");
    expect(outputs).toEqual([...Array(5).fill(bytes("a")), ...Array(5).fill(bytes("b"))]);
    expect(await Promise.all(nested)).toEqual(["n", "n", "n", "n"]);
  },
);
