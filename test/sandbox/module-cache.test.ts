import { expect, test } from "bun:test";
import { ModuleCache } from "../../src/sandbox/module/cache.ts";
import { InvalidModule } from "../../src/sandbox/module/invalid-module.ts";
import { defaultModuleLimits } from "../../src/sandbox/module/limits.ts";
import { wat } from "./guests/wat.ts";

/** A module of about so many bytes, each with another answer. */
function guest(answer: number, bytes = 0): Uint8Array<ArrayBuffer> {
  return wat(`(module (memory 1)
    (func (export "answer") (result i32) (i32.const ${answer}))
    (data (i32.const 0) "${"x".repeat(bytes)}"))`);
}

/** Large enough to be instrumented in the other thread. */
const LARGE = 30_000;

test("equal modules are instrumented once, also at the same time", async () => {
  const cache = new ModuleCache();
  const [first, second] = await Promise.all([
    cache.load(guest(1, LARGE)),
    cache.load(guest(1, LARGE)),
  ]);
  expect(second).toBe(first as never);
  expect(await cache.load(guest(1, LARGE))).toBe(first as never);
  expect(first?.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(WebAssembly.Module.exports(first?.module as WebAssembly.Module)[0]?.name).toBe("answer");
});

test("content and limits both make another module", async () => {
  const cache = new ModuleCache();
  const limits = { ...defaultModuleLimits, maxMemoryPages: 7 };
  const modules = await Promise.all([
    cache.load(guest(1)),
    cache.load(guest(2)),
    cache.load(guest(1), limits),
  ]);
  expect(new Set(modules.map(({ hash }) => hash)).size).toBe(3);
  expect(modules.map(({ memory }) => memory?.maxPages)).toEqual([1024, 1024, 7]);
});

test("what was used longest ago is let go, by number and by bytes", async () => {
  const few = new ModuleCache({ maxModules: 2 });
  const first = await few.load(guest(1));
  await few.load(guest(2));
  expect(await few.load(guest(1))).toBe(first);
  await few.load(guest(3));
  expect(few.size).toBe(2);
  expect(await few.load(guest(1))).toBe(first);

  const small = new ModuleCache({ maxBytes: 50_000 });
  await small.load(guest(1, LARGE));
  await small.load(guest(2, LARGE));
  expect(small.size).toBe(1);
});

test("a caller may write over its bytes at once", async () => {
  const cache = new ModuleCache();
  const bytes = guest(5, LARGE);
  const loading = cache.load(bytes);
  bytes.fill(0);
  const { module } = await loading;
  expect(WebAssembly.Module.exports(module)[0]?.name).toBe("answer");
});

test("a broken module is refused with its reason from either thread, and is not kept", async () => {
  const cache = new ModuleCache();
  for (const size of [0, LARGE]) {
    const untyped = wat(
      `(module (memory 1) (func (result i32)) (data (i32.const 0) "${"x".repeat(size)}"))`,
      false,
    );
    await expect(cache.load(untyped)).rejects.toThrow(/is not valid WebAssembly: /);
    const cut = guest(1, size).slice(0, -3);
    const error = await cache.load(cut).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidModule);
    expect((error as InvalidModule).message).toMatch(/^ends in the middle \(at byte \d+\)$/);
    expect((error as InvalidModule).offset).toBeNumber();
  }
  await expect(
    cache.load(new Uint8Array(100), { ...defaultModuleLimits, maxBytes: 99 }),
  ).rejects.toThrow("has 100 bytes, and 99 are allowed");
  expect(cache.size).toBe(0);
});
