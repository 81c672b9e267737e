import { describe, expect, test } from "bun:test";
import { seededRandom } from "../support/random.ts";
import { runGuest } from "./guests/run-guest.ts";
import { wat } from "./guests/wat.ts";

const PAGES = 8;
const SIZE = PAGES * 65_536;
const guest = wat(`(module (memory (export "memory") ${PAGES} ${PAGES})
  (data $data "${"0123456789abcdef".repeat(1000)}")
  (table $table (export "table") 50 externref)
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32) (memory.init $data (local.get 0) (local.get 1) (local.get 2)))
  (func (export "tfill") (param i32 externref i32) (table.fill $table (local.get 0) (local.get 1) (local.get 2)))
  (func (export "tcopy") (param i32 i32 i32) (table.copy (local.get 0) (local.get 1) (local.get 2))))`);

type Operation = (...args: readonly unknown[]) => void;

interface Copy {
  memory: Uint8Array;
  table: WebAssembly.Table;
  run(name: string, args: readonly unknown[]): string;
}

function copyOf(exports: WebAssembly.Exports): Copy {
  const memory = new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer);
  for (let i = 0; i < SIZE; i++) memory[i] = (i * 7 + (i >> 9)) & 255;
  const table = exports["table"] as WebAssembly.Table;
  for (let i = 0; i < 50; i++) table.set(i, i);
  return {
    memory,
    table,
    run(name, args) {
      try {
        (exports[name] as Operation)(...args);
        return "done";
      } catch (error) {
        return (error as Error).message.replace(/ \(evaluating .*/, "");
      }
    },
  };
}

const plain = copyOf(new WebAssembly.Instance(new WebAssembly.Module(guest)).exports);
const pieces = copyOf(runGuest(guest).instance.exports);

function same(name: string, ...args: readonly unknown[]): string {
  const expected = plain.run(name, args);
  expect(pieces.run(name, args)).toBe(expected);
  if (Buffer.compare(pieces.memory, plain.memory) !== 0)
    throw new Error(`${name}(${args.join()}) wrote something else`);
  return expected;
}

describe("bulk operations in pieces do what they do at once", () => {
  test("within the bounds, and on their edges", () => {
    const piece = 65_536;
    for (const length of [0, 1, piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 17, SIZE]) {
      expect(same("fill", SIZE - length, length, length)).toBe("done");
      expect(same("copy", 0, SIZE - length, length)).toBe("done");
      expect(same("copy", SIZE - length, 0, length)).toBe("done");
    }
  });

  test("ranges that overlap, either way", () => {
    const random = seededRandom(3);
    for (let i = 0; i < 300; i++) {
      plain.memory[random.below(SIZE)] = i & 255;
      pieces.memory.set(plain.memory);
      const from = random.below(SIZE / 2);
      const to = i % 3 === 0 ? from + random.below(99) - 49 : random.below(SIZE / 2);
      same("copy", Math.max(to, 0), from, random.below(SIZE / 2));
    }
  });

  test("out of bounds they trap alike, and write nothing", () => {
    const trap = "Out of bounds memory access";
    for (const name of ["fill", "copy"]) {
      expect(same(name, 1, 1, SIZE)).toContain(trap);
      expect(same(name, 0, 0, SIZE + 1)).toContain(trap);
      expect(same(name, 0, 0, -1)).toContain(trap);
      expect(same(name, -1, 0, 70_000)).toContain(trap);
      expect(same(name, SIZE + 1, 0, 0)).toContain(trap);
      expect(same(name, SIZE, 0, 0)).toBe("done");
    }
    expect(same("copy", 0, SIZE - 70_000, 70_001)).toContain(trap);
    expect(same("copy", 0, -70_000, 70_001)).toContain(trap);
  });

  test("data and tables", () => {
    expect(same("init", 5, 3, 15_000)).toBe("done");
    expect(same("init", SIZE - 10, 0, 11)).toContain("Out of bounds");
    expect(same("init", 0, 15_999, 2)).toContain("Out of bounds");
    for (const [name, ...args] of [
      ["tfill", 3, "x", 20],
      ["tcopy", 1, 0, 40],
      ["tcopy", 0, 5, 40],
      ["tfill", 40, "x", 11],
      ["tcopy", 0, 0, -1],
    ] as const)
      same(name, ...args);
    const values = (table: WebAssembly.Table): unknown[] =>
      Array.from({ length: 50 }, (_, i) => table.get(i) as unknown);
    expect(values(pieces.table)).toEqual(values(plain.table));
  });
});
