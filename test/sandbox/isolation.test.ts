import { afterAll, describe, expect, test } from "bun:test";
import { SandboxPool, SandboxTimeout, WasmSandbox } from "sluice/sandbox";
import { compileAssemblyScript } from "./guests/toolchain.ts";
import { wat } from "./guests/wat.ts";
import { errorOf } from "./support/error-of.ts";

/** Leaves a byte wherever a guest can write, and looks for one wherever it can read. */
const GUEST = wat(`(module
  (memory 2)
  (data (i32.const 64) "what every call begins with")
  (global $a (mut i32) (i32.const 0))
  (global $b (mut i64) (i64.const 0))
  (global $c (mut f64) (f64.const 0))
  (func (export "leave") (param $v i32) (param $at i32) (param $length i32) (result i32)
    (memory.fill (local.get $at) (local.get $v) (local.get $length))
    (global.set $a (local.get $v))
    (global.set $b (i64.extend_i32_u (local.get $v)))
    (global.set $c (f64.convert_i32_u (local.get $v)))
    (call $find (local.get $v)))
  (func (export "leaveAndTrap") (param $v i32) (param $at i32) (param $length i32) (result i32)
    (memory.fill (local.get $at) (local.get $v) (local.get $length))
    (global.set $a (local.get $v))
    unreachable)
  (func (export "leaveAndGrow") (param $v i32) (param $at i32) (param $length i32) (result i32)
    (drop (memory.grow (i32.const 1)))
    (memory.fill (i32.const 131072) (local.get $v) (i32.const 65536))
    (call $find (local.get $v)))
  (func (export "leaveAndGrowByNothing") (param $v i32) (param $at i32) (param $length i32) (result i32)
    (memory.fill (local.get $at) (local.get $v) (local.get $length))
    (memory.grow (i32.const 0)))
  (func (export "leaveAndSpin") (param $v i32) (param $at i32) (param $length i32) (result i32)
    (memory.fill (local.get $at) (local.get $v) (local.get $length))
    (loop br 0) unreachable)
  (func $find (export "find") (param $v i32) (result i32) (local $at i32) (local $found i32)
    (drop (memory.grow (i32.const 1)))
    (if (i32.eq (global.get $a) (local.get $v)) (then (local.set $found (i32.const 1))))
    (if (i64.ne (global.get $b) (i64.const 0)) (then (local.set $found (i32.const 2))))
    (if (f64.ne (global.get $c) (f64.const 0)) (then (local.set $found (i32.const 3))))
    (loop $next
      (if (i32.eq (i32.load8_u (local.get $at)) (local.get $v))
        (then (local.set $found (i32.add (local.get $found) (i32.const 1)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.shl (memory.size) (i32.const 16)))))
    (local.get $found))
  (func (export "greeting") (result i32)
    (i32.load (i32.const 64))))`);

const FILE = "test/sandbox/guests/assembly/extism.ts";
/** Uses what the AssemblyScript PDK of Extism has. */
const PDK = await compileAssemblyScript(FILE, ["--use", `abort=${FILE.slice(0, -3)}/abort`]);

/** A generator of numbers from a seed (mulberry32), so that what failed can be had again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** No byte of the data, nor a zero. */
const SECRETS = [0xa5, 0xb6, 0xc7, 0xd8];
const LEAVING = [
  "leave",
  "leave",
  "leave",
  "leaveAndTrap",
  "leaveAndGrow",
  "leaveAndGrowByNothing",
  "leaveAndSpin",
];

describe.each(["inline", "worker", "process"] as const)("%s", (kind) => {
  const ROUNDS = kind === "process" ? 30 : 50;
  const made: { dispose(): Promise<void> }[] = [];
  afterAll(() => Promise.all(made.map((one) => one.dispose())));
  const builder = () =>
    WasmSandbox.builder()
      .source(GUEST)
      .executor(kind)
      .cpuTimeout(kind === "inline" ? 10 : 100)
      .callTimeout("30s")
      .memoryLimit("1MiB");

  test("no byte of a call is seen by another, of whatever tenant", async () => {
    const tenants = await Promise.all([builder().build(), builder().build()]);
    const pool = await SandboxPool.create(builder(), { size: 2 });
    made.push(...tenants, pool);
    const random = numbers(20_261_121);
    const callers = [...tenants, pool];
    for (let round = 0; round < ROUNDS; round++) {
      const secret = SECRETS[random(SECRETS.length)] as number;
      const entry = LEAVING[random(LEAVING.length)] as string;
      const length = random(131_072);
      const input = [secret, random(131_072 - length), length];
      await callers[random(callers.length)]?.call(entry, input).catch(() => {});
      const looking = callers[random(callers.length)];
      const found = await looking?.call("find", [secret]).catch((error: unknown) => error);
      // Where there is little time, a busy machine may stop the search.
      if (!(found instanceof SandboxTimeout))
        expect({ round, entry, input, found }).toMatchObject({ found: 0 });
    }
    expect(await tenants[0].call("greeting")).toBe(0x74616877);
  }, 60_000);

  test("sessions see their own, and only that", async () => {
    const sandbox = await builder().build();
    made.push(sandbox);
    const [one, other] = [sandbox.session(), sandbox.session()];
    await one.call("leave", [0xa5, 200, 3]);
    const found = async (calling: Promise<unknown>): Promise<unknown> =>
      calling.catch((error: unknown) => (error instanceof SandboxTimeout ? "late" : error));
    expect([0, "late"]).toContain((await found(other.call("find", [0xa5]))) as number);
    expect([0, "late"]).toContain((await found(sandbox.call("find", [0xa5]))) as number);
    expect([6, "late"]).toContain((await found(one.call("find", [0xa5]))) as number);
  });
});

test("variables of the Extism ABI do not outlive a call", async () => {
  const sandbox = await WasmSandbox.builder().source(PDK).cpuTimeout("2s").build();
  for (let i = 0; i < 3; i++) expect(await sandbox.call<string>("count", "")).toBe("1");
  const session = sandbox.session();
  for (let i = 1; i < 4; i++) expect(await session.call<string>("count", "")).toBe(String(i));
  expect(await sandbox.call<string>("count", "")).toBe("1");
  await sandbox.dispose();
});

test("what outlives calls in the store belongs to one sandbox", async () => {
  const source = wat(`(module
    (import "key_value" "increment" (func $increment (param i32 i32 i64 i64) (result i64)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "n")
    (func (export "_start")
      (call $exit (i32.wrap_i64 (call $increment (i32.const 0) (i32.const 1) (i64.const 1) (i64.const 0))))))`);
  const build = () => WasmSandbox.builder().source(source).build();
  const [one, other] = await Promise.all([build(), build()]);
  const count = async (sandbox: WasmSandbox): Promise<string> =>
    String(await errorOf(sandbox.call("_start")));
  expect(await count(one)).toContain("1");
  expect(await count(one)).toContain("2");
  expect(await count(other)).toContain("1");
  await Promise.all([one.dispose(), other.dispose()]);
});

/** Each instruction that writes to memory, the only one of its guest: sixteen bytes at 100 that are not zero. */
const WRITES = [
  ...["i32.store", "i32.store8", "i32.store16"].map(
    (op) => `(${op} (i32.const 100) (i32.const -1))`,
  ),
  ...["i64.store", "i64.store8", "i64.store16", "i64.store32"].map(
    (op) => `(${op} (i32.const 100) (i64.const -1))`,
  ),
  "(f32.store (i32.const 100) (f32.const 1))",
  "(f64.store (i32.const 100) (f64.const 1))",
  "(v128.store (i32.const 100) (v128.const i32x4 1 1 1 1))",
  ...[8, 16, 32, 64].map(
    (bits) => `(v128.store${bits}_lane 0 (i32.const 100) (v128.const i32x4 1 1 1 1))`,
  ),
  "(memory.fill (i32.const 100) (i32.const 1) (i32.const 16))",
  "(memory.copy (i32.const 100) (i32.const 64) (i32.const 16))",
  "(memory.init 1 (i32.const 100) (i32.const 0) (i32.const 16))",
];

test.each(WRITES)("what %s wrote is put back", async (write) => {
  const source = wat(`(module
    (memory 1)
    (data (i32.const 64) "what lies there!")
    (data "and what is put.")
    (func (export "write") (result i64) ${write} (i64.load (i32.const 100)))
    (func (export "look") (result i64)
      (i64.or (i64.load (i32.const 100)) (i64.load (i32.const 108)))))`);
  await using sandbox = await WasmSandbox.builder().source(source).cpuTimeout("2s").build();
  expect(String(await sandbox.call("write"))).not.toBe("0");
  expect(String(await sandbox.call("look"))).toBe("0");
});

test("what a host function wrote for a guest that writes nothing itself is put back", async () => {
  const source = wat(`(module
    (import "http_handler" "get_uri" (func $uri (param i32 i32) (result i32)))
    (import "http_handler" "set_status_code" (func $status (param i32)))
    (memory (export "memory") 3)
    (data (i32.const 8190) "seed")
    (func (export "handle_request") (result i64)
      (if (i32.or
            (i32.ne (i32.load (i32.const 8190)) (i32.const 0x64656573))
            (i32.or (i32.load (i32.const 8194)) (i32.load8_u (i32.const 8189))))
        (then (call $status (i32.const 500)) (return (i64.const 0))))
      (drop (call $uri (i32.const 8189) (i32.const 100)))
      (i64.extend_i32_u (i32.eq (i32.load8_u (i32.const 8189)) (i32.const 47))))
    (func (export "handle_response") (param i32 i32)))`);
  await using sandbox = await WasmSandbox.builder().source(source).cpuTimeout("2s").build();
  const request = { method: "GET", protocol: "HTTP/1.1", source: "", scheme: "http", host: "a" };
  for (const uri of ["/a-long-one", "/b", "/another"]) {
    const input = { ...request, uri, headers: [], body: undefined, trailers: [] };
    expect(await sandbox.exchange("handle_request", input)).toMatchObject({ next: true });
  }
});

/** Fills blocks with what it is given, and looks for it wherever a block may lie. */
const BLOCKS = wat(`(module
  (import "extism:host/env" "input_load_u8" (func $given (param i64) (result i32)))
  (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (memory (export "memory") 1)
  (func $leave (local $block i64) (local $i i64)
    (local.set $block (call $alloc (i64.const 3000)))
    (loop $next
      (call $store (i64.add (local.get $block) (local.get $i)) (call $given (i64.const 0)))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $next (i64.lt_u (local.get $i) (i64.const 3000))))
    (call $output (local.get $block) (i64.const 3000)))
  (func (export "leave") (result i32) (call $leave) (i32.const 0))
  (func (export "fail") (result i32) (call $leave) (call $error (call $alloc (i64.const 5))) (i32.const 1))
  (func (export "trap") (result i32) (call $leave) unreachable)
  (func (export "find") (result i32) (local $i i64) (local $found i32) (local $block i64)
    (loop $next
      (if (i32.eq (call $load (local.get $i)) (i32.const 0xa5))
        (then (local.set $found (i32.const 1))))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $next (i64.lt_u (local.get $i) (i64.const 8000))))
    (local.set $block (call $alloc (i64.const 6000)))
    (if (i32.eq (call $load (i64.add (local.get $block) (i64.const 100))) (i32.const 0xa5))
      (then (local.set $found (i32.const 1))))
    (call $store (local.get $block) (i32.add (i32.const 48) (local.get $found)))
    (call $output (local.get $block) (i64.const 1))
    (i32.const 0)))`);

test.each(["inline", "worker", "process"] as const)(
  "%s: blocks of an Extism guest are those of one call, whatever session it is of",
  async (kind) => {
    await using sandbox = await WasmSandbox.builder()
      .source(BLOCKS)
      .executor(kind)
      .cpuTimeout(kind === "inline" ? 10 : 500)
      .callTimeout("30s")
      .build();
    const secret = new Uint8Array(1).fill(0xa5);
    const callers = [sandbox.session(), sandbox, sandbox.session()];
    const random = numbers(7);
    for (let round = 0; round < 30; round++) {
      const [one, other] = [callers[random(3)], callers[random(3)]];
      const entry = ["leave", "fail", "trap"][random(3)] as string;
      const left = await one?.call<Uint8Array>(entry, secret).catch(() => {});
      const found = await other?.call("find", "x").catch((error: unknown) => error);
      // Where there is little time, a busy machine may stop the search.
      if (!(found instanceof SandboxTimeout))
        expect({ round, entry, found }).toMatchObject({ found: "0" });
      if (left instanceof Uint8Array) expect(left).toEqual(new Uint8Array(3000).fill(0xa5));
    }
  },
);
