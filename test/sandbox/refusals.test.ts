import { describe, expect, test } from "bun:test";
import { WasmSandbox } from "sluice/sandbox";
import { inspect } from "../../src/sandbox/module/inspect.ts";
import { instrument } from "../../src/sandbox/module/instrument.ts";
import { InvalidModule } from "../../src/sandbox/module/invalid-module.ts";
import type { ModuleLimits } from "../../src/sandbox/module/limits.ts";
import { defaultModuleLimits } from "../../src/sandbox/module/limits.ts";
import { everything } from "./guests/everything.ts";
import { wat } from "./guests/wat.ts";
import { errorOf } from "./support/error-of.ts";

function refusal(bytes: Uint8Array, limits: Partial<ModuleLimits> = {}): string {
  try {
    instrument(bytes, { ...defaultModuleLimits, ...limits });
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidModule);
    return (error as Error).message;
  }
  return "taken";
}

const body = (code: string): string => `(module (memory 1) (table 1 funcref) (func ${code}))`;

describe("parts of WebAssembly that are refused, each by its name", () => {
  test.each([
    ["exception handling", body("(try (do) (catch_all))")],
    ["a tag of exception handling", `(module (import "a" "t" (tag)))`],
    ["exception handling", "(module (tag))"],
    ["threads", `(module (memory 1 2 shared))`],
    ["threads", body("(drop (i32.atomic.load (i32.const 0)))")],
    ["64-bit memory", "(module (memory i64 1))"],
    ["multiple memories", "(module (memory 1) (memory 1))"],
    ["multiple memories", `(module (import "a" "m" (memory 1)) (memory 1))`],
    [
      "relaxed SIMD",
      body("(drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0)))"),
    ],
    [
      "a table: a guest may only import functions and a memory",
      `(module (import "a" "t" (table 1 funcref)))`,
    ],
    ["a mutable global", `(module (import "a" "g" (global (mut i32))))`],
    ["kept for the sandbox", `(module (import "sluice:sandbox" "cell" (func)))`],
    ["kept for the sandbox", `(module (func (export "sluice:fuel")))`],
  ])("%s", (name, text) => {
    expect(refusal(wat(text, false))).toContain(name);
  });

  test("garbage collection", () => {
    // A type section with one struct without fields.
    const struct = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0];
    expect(refusal(new Uint8Array(struct))).toContain("garbage collection");
  });

  test("a component", () => {
    const component = new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);
    expect(refusal(component)).toContain("is a WebAssembly component: build a core module");
  });

  test("what is no module at all", () => {
    expect(refusal(new Uint8Array())).toContain("is no WebAssembly module");
    const text = new TextEncoder().encode(";; a guest\n(module)");
    expect(refusal(text)).toBe(
      "is no WebAssembly module but its text format: assemble it with wat2wasm",
    );
    expect(refusal(new TextEncoder().encode("# notes"))).toContain("does not begin with");
    expect(refusal(new Uint8Array([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]))).toContain("version");
  });
});

describe("limits", () => {
  test.each<[Partial<ModuleLimits>, string, string]>([
    [{ maxBytes: 20 }, body(""), "has 35 bytes, and 20 are allowed"],
    [{ maxTypes: 1 }, "(module (type (func)) (type (func (param i32))))", "has 2 types, and 1"],
    [
      { maxParameters: 1 },
      "(module (type (func (param i32 i32))))",
      "has 2 parameters, and 1 are allowed",
    ],
    [
      { maxParameters: 1 },
      "(module (type (func (result i32 i32))))",
      "has 2 results, and 1 are allowed",
    ],
    [{ maxFunctions: 1 }, "(module (func) (func))", "has 2 functions, and 1"],
    [{ maxImports: 0 }, `(module (import "a" "b" (func)))`, "has 1 imports, and 0"],
    [{ maxExports: 0 }, `(module (func (export "a")))`, "has 1 exports, and 0"],
    [{ maxGlobals: 0 }, "(module (global i32 (i32.const 1)))", "has 1 globals, and 0"],
    [{ maxTables: 0 }, "(module (table 1 funcref))", "has 1 tables, and 0"],
    [
      { maxTableElements: 9 },
      "(module (table 5 funcref) (table 5 funcref))",
      "has tables of 10 elements, and 9",
    ],
    [
      { maxTableElements: 1 },
      "(module (func $f) (elem func $f $f))",
      "has element segments of more than 1 elements",
    ],
    [
      { maxMemoryPages: 3 },
      "(module (memory 4))",
      "begins with 4 pages of memory (64 KiB each), and 3 are allowed",
    ],
    [{ maxSegments: 0 }, `(module (memory 1) (data "a"))`, "has 1 data segments, and 0"],
    [{ maxDataBytes: 2 }, `(module (memory 1) (data "abc"))`, "data segments of more than 2 bytes"],
    [{ maxLocals: 9 }, body("(local i32 i32 i32 i64 i64 i64 f32 f32 f64 f64)"), "of 10 locals"],
    [{ maxBodyBytes: 3 }, body("(drop (i32.const 1))"), "has a function of 5 bytes, and 3"],
    [{ maxNesting: 1 }, body("(block (block))"), "has blocks nested more than 1 deep"],
  ])("%j", (limits, text, message) => {
    const bytes = wat(text).slice();
    expect(refusal(bytes)).toBe("taken");
    expect(refusal(stripNames(bytes), limits)).toContain(message);
  });

  test("many empty functions, a large table and a large data count are numbers, not work", () => {
    const huge = (id: number): Uint8Array =>
      new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, id, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    for (const id of [1, 2, 3, 4, 5, 6, 7, 9, 11])
      expect(refusal(huge(id))).toMatch(/are allowed|which are refused/);
    expect(refusal(wat("(module (table 4000000000 funcref))"))).toContain("tables of 4000000000");
  });

  describe("what the compiler keeps for loops is bounded", () => {
    const loops = (count: number): string => "(loop)".repeat(count);
    const values = (count: number): string => "(i64.const 1)".repeat(count);
    const drops = (count: number): string => "(drop)".repeat(count);
    const shapes = {
      locals: `(func (local ${"i64 ".repeat(9_000)}) ${loops(200)})`,
      operands: `(func ${values(9_000)} ${loops(200)} ${drops(9_000)})`,
      "operands that stay below a block": `(func ${values(9_000)} (block ${loops(200)}) ${drops(9_000)})`,
      "what a block gives": `(func (block (result i64 i64 i64 i64) unreachable)
      ${"(block (result i64 i64 i64 i64) unreachable)".repeat(4_000)} ${loops(100)} unreachable)`,
      "many functions": `(func (local ${"i64 ".repeat(9_000)}) ${loops(20)})`.repeat(10),
    };
    for (const [name, text] of Object.entries(shapes))
      test(name, () => {
        const bytes = wat(`(module ${text})`);
        expect(() => instrument(bytes)).toThrow("has loops with more than 1000000 locals");
      });

    test("operands that are gone before a loop do not count", () => {
      const bytes = wat(`(module (func ${values(9_000)} ${drops(9_000)} ${loops(2_000)}
      (block ${values(9_000)} unreachable) (if (i32.const 1) (then ${values(9_000)} unreachable))
      ${loops(2_000)}))`);
      expect(WebAssembly.validate(instrument(bytes).bytes)).toBe(true);
    });
  });

  test("tables grow together to the limit, and no further", () => {
    const limits = { ...defaultModuleLimits, maxTableElements: 100 };
    const text = `(module (table $a (export "a") 10 funcref) (table $b (export "b") 10 12 funcref)
      (func (export "grow") (result i32 i32 i32)
        (table.grow $a (ref.null func) (i32.const 40))
        (table.grow $a (ref.null func) (i32.const 1))
        (table.grow $b (ref.null func) (i32.const 3))))`;
    const { bytes } = instrument(wat(text), limits);
    const cell = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      "sluice:sandbox": { cell },
    });
    expect((exports["grow"] as () => unknown)()).toEqual([10, -1, -1]);
  });
});

/** The module without its last section, the names of its functions. */
function stripNames(bytes: Uint8Array): Uint8Array {
  for (let at = 8; at < bytes.length; at += 2 + (bytes[at + 1] as number))
    if (bytes[at] === 0) return bytes.subarray(0, at);
  return bytes;
}

test("inspect tells what a module is made of", () => {
  const info = inspect(wat(everything));
  expect(info.imports).toEqual([
    { module: "host", name: "call", kind: "function", type: { params: [], results: [] } },
    {
      module: "host",
      name: "number",
      kind: "function",
      type: { params: ["i64"], results: ["f64"] },
    },
  ]);
  expect(info.exports.slice(0, 4)).toEqual([
    { name: "memory", kind: "memory" },
    { name: "table", kind: "table" },
    { name: "count", kind: "global" },
    { name: "fold", kind: "function", type: { params: ["i32"], results: ["i32"] } },
  ]);
  expect(info).toMatchObject({
    memory: { minPages: 2, maxPages: 10, exported: "memory" },
    tables: [8, 4],
    functions: 11,
    globals: 5,
    dataBytes: 43,
    hasStart: true,
    customSections: ["name"],
  });
});

test("what runs inline has little of what each instance must be given anew", async () => {
  const exported = (count: number): string =>
    Array.from({ length: count }, (_, i) => `(export "e${i}" (func $f))`).join("");
  const many = wat(`(module (func $f) ${exported(1_001)})`);
  const build = (source: Uint8Array) => WasmSandbox.builder().source(source).executor("inline");
  const error = await errorOf(build(many).build());
  expect(error.message).toContain("has 1001 exports, and 1000 are allowed");
  await using worker = await build(many).executor("worker").build();
  expect(await worker.call("e1000")).toBe(null);
  await using inline = await build(wat(`(module (func $f) ${exported(1_000)})`)).build();
  expect(await inline.call("e999")).toBe(null);
});

test("very many custom sections", () => {
  const sections = (count: number): Uint8Array<ArrayBuffer> => {
    const custom = [0, 2, 1, 0x61];
    const all = Array.from({ length: count }, () => custom).flat();
    return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...all]);
  };
  expect(() => instrument(sections(100_000))).toThrow("has more than 1000 custom sections");
  expect(WebAssembly.validate(instrument(sections(1_000)).bytes)).toBe(true);
});
