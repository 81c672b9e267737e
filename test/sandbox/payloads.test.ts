import { expect, test } from "bun:test";
import { WasmSandbox } from "sluice/sandbox";
import { echoGuest } from "../../bench/sandbox/guest.ts";

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
