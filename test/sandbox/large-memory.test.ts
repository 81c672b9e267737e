import { expect, test } from "bun:test";
import { SandboxPool, SandboxTimeout, WasmSandbox } from "sluice/sandbox";
import { wat } from "./guests/wat.ts";

const BYTES = 40 * 65_536;
/** Of such memory only the pages that were touched are put back. `look` is a checksum of all of it, by position. */
const GUEST = wat(`(module
  (memory 40)
  (data (i32.const 5000) "what every call begins with")
  (data (i32.const 199990) "over two pages of the system: 4096 bytes divide here into ${"x".repeat(9000)}")
  (data (i32.const ${BYTES - 100_003}) "end")
  (func (export "leave") (param $v i32) (param $at i32) (param $length i32) (result i32)
    (memory.fill (local.get $at) (local.get $v) (local.get $length)) (i32.const 1))
  (func (export "strew") (param $v i32) (param $at i32) (param $step i32) (result i32)
    (loop $next
      (i32.store8 (local.get $at) (local.get $v))
      (local.set $at (i32.add (local.get $at) (local.get $step)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const ${BYTES}))))
    (i32.const 1))
  (func (export "leaveAndTrap") (param $v i32) (param $at i32) (param $length i32) (result i32)
    (memory.fill (local.get $at) (local.get $v) (local.get $length)) unreachable)
  (func (export "look") (result i64) (local $at i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add
        (i64.mul (local.get $sum) (i64.const 0x9E3779B97F4A7C15))
        (i64.add (i64.load (local.get $at)) (i64.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const ${BYTES}))))
    (local.get $sum)))`);

/** Mulberry32. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

test.each(["inline", "worker", "process"] as const)(
  "%s: large memory is as it was, wherever a call has written",
  async (kind) => {
    const builder = WasmSandbox.builder()
      .source(GUEST)
      .executor(kind)
      .cpuTimeout(kind === "inline" ? 10 : 1_000)
      .callTimeout("30s");
    await using pool = await SandboxPool.create(builder, { size: 2 });
    /** A busy machine may take what little time there is inline. */
    const look = async (): Promise<unknown> => {
      for (let attempt = 0; attempt < 50; attempt++) {
        try {
          return await pool.call("look");
        } catch (error) {
          if (!(error instanceof SandboxTimeout)) throw error;
        }
      }
      return "late";
    };
    const first = await look();
    const random = numbers(7);
    let looked = 0;
    for (let round = 0; round < 40; round++) {
      const at = random(BYTES);
      const how = ["leave", "strew", "leaveAndTrap", "leave"][random(4)] as string;
      const third =
        how === "strew" ? 2_000 + random(20_000) : random(Math.min(BYTES - at, 300_000));
      await pool.call(how, [0xa5, at, third]).catch(() => {});
      const seen = await look();
      if (seen === "late") continue;
      looked++;
      expect({ round, how, at, third, seen }).toMatchObject({ seen: first });
    }
    expect(typeof first).toBe("string");
    expect(looked).toBeGreaterThan(0);
  },
  60_000,
);
