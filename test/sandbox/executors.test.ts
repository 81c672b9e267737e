import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  Capability,
  GuestError,
  InvalidModule,
  MiB,
  SandboxMemoryLimit,
  SandboxTimeout,
  SandboxTrap,
  WasmSandbox,
} from "sluice/sandbox";
import { errorOf as rejection } from "./support/error-of.ts";
import { wat } from "./guests/wat.ts";

const GUEST = await wat(`(module
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func (export "wide") (param i64) (result i64) local.get 0)
  (func (export "count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
  (func (export "leave") (param i32) (i32.store (i32.const 1000) (local.get 0)))
  (func (export "find") (result i32) (i32.load (i32.const 1000)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) memory.size)
  (func (export "spin") (loop br 0))
  (func $deep (export "deep") (result i32) (i32.add (call $deep) (i32.const 1)))
  (func (export "trap") unreachable)
  (func (export "outside") (result i32) (i32.load (i32.const 70000)))
  (func (export "bomb") (loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable)
)`);

describe.each(["inline", "worker", "process"] as const)("%s", (kind) => {
  // Inline has at most 10 ms, which a busy machine may take from a guest that needs far less: those are asked again.
  const cpuMs = kind === "inline" ? 10 : 300;
  const builder = () =>
    WasmSandbox.builder()
      .source(GUEST)
      .executor(kind)
      .cpuTimeout(cpuMs)
      .callTimeout("60s")
      .memoryLimit(4 * MiB);
  const errorOf = async (call: () => Promise<unknown>): Promise<Error> => {
    for (let tries = 0; ; tries++) {
      const error = await rejection(call());
      if (tries === 20 || !(error instanceof SandboxTimeout)) return error;
    }
  };
  let sandbox: WasmSandbox;
  beforeAll(async () => void (sandbox = await builder().build()));
  afterAll(() => sandbox.dispose());

  test("calls and gives the answer", async () => {
    expect(await sandbox.call("add", [2, 3])).toBe(5);
    expect(await sandbox.call<string>("wide", ["-9007199254740993"])).toBe("-9007199254740993");
  });

  test("calls in order, as many as there are", async () => {
    const sums = await Promise.all(
      Array.from({ length: 200 }, (_, i) => sandbox.call("add", [i, 1])),
    );
    expect(sums).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });

  test("nothing of a call is left for the next", async () => {
    await sandbox.call("leave", [42]);
    expect(await sandbox.call("find")).toBe(0);
    expect([await sandbox.call("count"), await sandbox.call("count")]).toEqual([1, 1]);
    expect(await sandbox.call("grow", [3])).toBe(1);
    expect(await sandbox.call("size")).toBe(1);
  });

  test("an endless guest is stopped, and the next call works", async () => {
    const error = await rejection(sandbox.call("spin"));
    expect(error).toBeInstanceOf(SandboxTimeout);
    expect(error).toMatchObject({ bound: "cpuTimeout", limitMs: cpuMs, code: "sandbox_timeout" });
    expect(await sandbox.call("add", [2, 3])).toBe(5);
    expect(sandbox.counts.kills).toBeGreaterThan(0);
  });

  test("too deep a recursion is an error", async () => {
    const error = await errorOf(() => sandbox.call("deep"));
    expect(error).toBeInstanceOf(SandboxTrap);
    expect(await sandbox.call("add", [2, 3])).toBe(5);
  });

  test("traps are errors that say which", async () => {
    expect(String(await errorOf(() => sandbox.call("trap")))).toContain(
      "SandboxTrap: the guest trapped",
    );
    expect(String(await errorOf(() => sandbox.call("outside")))).toMatch(/out of bounds/i);
    expect(await sandbox.call("add", [2, 3])).toBe(5);
  });

  test("memory ends at its limit", async () => {
    expect(await sandbox.call("grow", [63])).toBe(1);
    expect(await sandbox.call("grow", [64])).toBe(-1);
    const error = await errorOf(() => sandbox.call("bomb"));
    expect(error).toBeInstanceOf(SandboxMemoryLimit);
    expect(error).toMatchObject({ bound: "memoryLimit", limitBytes: 4 * MiB });
  });

  test("a trap is for want of memory only after memory was refused in that call", async () => {
    const source = wat(`(module
      (memory 1)
      (func (export "want") (result i32) (memory.grow (i32.const 64)))
      (func (export "wantAndTrap") (drop (memory.grow (i32.const 64))) unreachable)
      (func (export "wantAndDivide") (result i32)
        (i32.div_u (i32.const 1) (i32.add (i32.const 1) (memory.grow (i32.const 64)))))
      (func (export "trap") unreachable))`);
    await using wanting = await WasmSandbox.builder()
      .source(source)
      .executor(kind)
      .cpuTimeout(cpuMs)
      .callTimeout("10s")
      .memoryLimit("1MiB")
      .build();
    const session = wanting.session();
    // Little time inline may be too little on a busy machine, and then says nothing.
    const outcome = async (entry: string): Promise<unknown> => {
      for (;;) {
        const given = await session.call(entry).catch((error: unknown) => error);
        if (!(given instanceof SandboxTimeout)) return given;
      }
    };
    expect(await outcome("want")).toBe(-1);
    expect(await outcome("trap")).toBeInstanceOf(SandboxTrap);
    expect(await outcome("wantAndTrap")).toBeInstanceOf(SandboxMemoryLimit);
    expect(await outcome("wantAndDivide")).toBeInstanceOf(SandboxTrap);
  });

  test("what the module does not have is an error of the guest", async () => {
    expect(await errorOf(() => sandbox.call("nothing"))).toBeInstanceOf(GuestError);
    expect(await errorOf(() => sandbox.call("add", { a: 1 }))).toBeInstanceOf(GuestError);
  });

  test("an audited call tells what it took", async () => {
    const { output, auditLog, violations, memoryUsed, cpuMs } = await sandbox.callWithAudit(
      "add",
      [20, 22],
    );
    expect({ output, auditLog, violations, memoryUsed }).toEqual({
      output: 42,
      auditLog: [],
      violations: [],
      memoryUsed: 65_536,
    });
    expect(cpuMs).toBeGreaterThanOrEqual(0);
    const error = (await errorOf(() => sandbox.callWithAudit("trap"))) as Error & { audit: object };
    expect(error.audit).toMatchObject({ auditLog: [], memoryUsed: 65_536 });
  });

  test("sessions keep what is theirs", async () => {
    const [one, other] = [sandbox.session(), sandbox.session()];
    await one.call("leave", [1]);
    await other.call("leave", [2]);
    expect([await one.call("find"), await other.call("find")]).toEqual([1, 2]);
    expect(await sandbox.call("find")).toBe(0);
    await errorOf(() => one.call("trap"));
    expect([await one.call("find"), await other.call("find")]).toEqual([0, 2]);
    one.close();
    other.close();
    expect(String(await errorOf(() => one.call("find")))).toContain("closed");
  });

  test('state("keep") keeps memory until a trap', async () => {
    const keeping = await builder().state("keep").build();
    await keeping.call("leave", [7]);
    expect(await keeping.call("find")).toBe(7);
    expect(await keeping.memoryUsage()).toBe(65_536);
    await errorOf(() => keeping.call("trap"));
    expect(await keeping.call("find")).toBe(0);
    await keeping.dispose();
  });

  test("disposed of, it refuses calls", async () => {
    const one = await builder().build();
    await one.dispose();
    await one.dispose();
    expect(String(await errorOf(() => one.call("add", [1, 2])))).toContain("disposed");
    expect(await one.memoryUsage()).toBe(0);
  });

  test("a start function runs under the limit of the first call", async () => {
    const endless = await wat(`(module (func $s (loop br 0)) (start $s) (func (export "f")))`);
    const one = await WasmSandbox.builder()
      .source(endless)
      .executor(kind)
      .cpuTimeout(cpuMs)
      .build();
    expect(await rejection(one.call("f"))).toBeInstanceOf(SandboxTimeout);
    await one.dispose();
  });
});

describe("the builder refuses", () => {
  const refusal = async (build: (builder: ReturnType<typeof WasmSandbox.builder>) => unknown) => {
    const builder = WasmSandbox.builder().source(GUEST);
    try {
      build(builder);
      await (await builder.build()).dispose();
    } catch (error) {
      return String(error);
    }
    return "nothing";
  };

  test("what contradicts itself or could not be held", async () => {
    expect(await refusal((b) => b.executor("inline").cpuTimeout(11))).toContain("at most 10 ms");
    expect(await refusal((b) => b.cpuTimeout(0))).toContain("above 0");
    expect(await refusal((b) => b.cpuTimeout("soon"))).toContain("is not a duration");
    expect(await refusal((b) => b.memoryLimit("1KiB"))).toContain("one page");
    expect(await refusal((b) => b.executor("thread" as "worker"))).toContain(
      "use one of inline, worker, process",
    );
    expect(await refusal((b) => b.policy("strict" as never))).toContain("SecurityPolicy.strict()");
    const network = Capability.network({ hosts: ["a.example"] });
    expect(await refusal((b) => b.allow(network).networkIsolation(true))).toContain("forbids");
    expect(await refusal((b) => b.allow(network).executor("inline"))).toContain("worker");
    const files = Capability.files({ "/d": import.meta.dir });
    expect(await refusal((b) => b.allow(files).filesystemIsolation(true))).toContain("forbids");
    expect(await refusal(() => Capability.files({ d: "." }))).toContain("absolute");
    expect(await refusal(() => Capability.files({ "/d": "/nowhere/at/all" }))).toContain(
      "no directory",
    );
    expect(await refusal(() => Capability.network({ hosts: ["http://a"] }))).toContain("no host");
  });

  test("what is no module, or of no ABI", async () => {
    const sources = [new Uint8Array(), new Uint8Array(100), GUEST.subarray(0, 60)];
    for (const source of sources) {
      expect(await rejection(WasmSandbox.builder().source(source).build())).toBeInstanceOf(
        InvalidModule,
      );
    }
    const foreign = await wat(`(module (import "os" "exec" (func)))`);
    expect(String(await rejection(WasmSandbox.builder().source(foreign).build()))).toContain(
      "from os",
    );
    const half = await wat(`(module (import "extism:host/env" "fly" (func)))`);
    const unlinked = await rejection(WasmSandbox.builder().source(half).build());
    expect(unlinked).toBeInstanceOf(InvalidModule);
    expect(String(unlinked)).toContain("extism:host/env.fly");
  });
});
