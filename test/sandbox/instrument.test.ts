import { expect, test } from "bun:test";
import { runGuest } from "./guests/run-guest.ts";
import { wat } from "./guests/wat.ts";

test("an endless guest stops when its cell says so", () => {
  const guest = runGuest(wat(`(module (func (export "spin") (loop (br 0))))`));
  guest.cell[0] = -1;
  expect(() => guest.call("spin")).toThrow(WebAssembly.RuntimeError);
});

test("an endless guest stops when its budget is spent, after the same work each time", () => {
  const spin = wat(`(module
    (global $count (export "count") (mut i64) (i64.const 0))
    (func (export "spin")
      (loop (global.set $count (i64.add (global.get $count) (i64.const 1))) (br 0))))`);
  const counts = [1, 2].map(() => {
    const guest = runGuest(spin);
    guest.setBudget(5_000_000n);
    expect(() => guest.call("spin")).toThrow(WebAssembly.RuntimeError);
    expect(guest.budget()).toBe(-1n);
    return (guest.instance.exports["count"] as WebAssembly.Global).value as bigint;
  });
  expect(counts[0]).toBe(counts[1] as bigint);
  expect(Number(counts[0])).toBeGreaterThan(100_000);
});

test("the start function is left for the host to call", () => {
  const guest = runGuest(
    wat(`(module
      (global $started (mut i32) (i32.const 0))
      (func $begin (global.set $started (i32.const 1)))
      (start $begin)
      (func (export "started") (result i32) (global.get $started)))`),
  );
  expect(guest.call("started")).toBe(0);
  guest.call(guest.instrumented.start as string);
  expect(guest.call("started")).toBe(1);
  expect(guest.instrumented.globals).toEqual([{ name: "sluice:global:0", type: "i32" }]);
});

test("memory grows to the limit, and no further", () => {
  const guest = runGuest(
    wat(`(module (memory (export "m") 1)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`),
  );
  expect(guest.instrumented.memory).toEqual({ minPages: 1, maxPages: 1024, exported: "m" });
  expect(guest.call("grow", 1023)).toBe(1);
  expect(guest.call("grow", 1)).toBe(-1);
});
