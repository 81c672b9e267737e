import { describe, expect, test } from "bun:test";
import { instrument } from "../../src/sandbox/module/instrument.ts";
import {
  IMMEDIATE,
  miscOpcodes,
  plainOpcodes,
  vectorOpcodes,
} from "../../src/sandbox/module/opcodes.ts";

/** An example of what follows an opcode, by its kind. */
const EXAMPLES: Readonly<Record<number, readonly number[]>> = {
  [IMMEDIATE.none]: [],
  [IMMEDIATE.blockType]: [0x40, 0x0b],
  [IMMEDIATE.index]: [0],
  [IMMEDIATE.twoIndices]: [0, 0],
  [IMMEDIATE.branchTable]: [2, 0, 0, 0],
  [IMMEDIATE.memoryArgument]: [0, 0x80, 1],
  [IMMEDIATE.memory]: [0],
  [IMMEDIATE.i32]: [0x80, 0x7f],
  [IMMEDIATE.i64]: [0x80, 0x80, 0x80, 0x80, 0x80, 0x7f],
  [IMMEDIATE.f32]: [0, 0, 0x80, 0x3f],
  [IMMEDIATE.f64]: [0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
  [IMMEDIATE.valueTypes]: [1, 0x7f],
  [IMMEDIATE.referenceType]: [0x70],
  [IMMEDIATE.vector]: Array.from({ length: 16 }, (_, i) => i),
  [IMMEDIATE.memoryArgumentAndLane]: [0, 0, 0],
  [IMMEDIATE.indexAndMemory]: [0, 0],
  [IMMEDIATE.twoMemories]: [0, 0],
  [IMMEDIATE.lane]: [0],
};

/** A function with a local, after `unreachable`, where an opcode finds whatever operands it wants. */
function moduleWith(code: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [1, 1, 0x7f, 0x00, ...code, 0x00, 0x0b];
  const sections = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 4, 1, 0x60, 0, 0], // type: a function of nothing
    [3, 2, 1, 0], // function
    [4, 4, 1, 0x70, 0, 1], // table
    [5, 3, 1, 0, 1], // memory
    [6, 6, 1, 0x7f, 1, 0x41, 0, 0x0b], // global: mutable
    [9, 5, 1, 1, 0, 1, 0], // elements: the function
    [12, 1, 1], // data count
    [10, body.length + 2, 1, body.length, ...body],
    [11, 3, 1, 1, 0], // data: none
  ];
  return new Uint8Array(sections.flat());
}

const leb = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, value >> 7];

const spaces = [
  { name: "plain", prefix: [], table: plainOpcodes, size: 256 },
  { name: "0xfc", prefix: [0xfc], table: miscOpcodes, size: 256 },
  { name: "0xfd", prefix: [0xfd], table: vectorOpcodes, size: 512 },
] as const;

/** What stands only within a block or at its end. */
const STRUCTURE = [0x05, 0x0b];

describe("each opcode is read as the engine reads it, or refused", () => {
  for (const { name, prefix, table, size } of spaces)
    test(name, () => {
      for (let code = 0; code < size; code++) {
        const kind = table.immediates[code] ?? IMMEDIATE.refused;
        if (kind === IMMEDIATE.prefix) continue;
        const opcode = prefix.length === 0 ? [code] : [...prefix, ...leb(code)];
        const refused = kind === IMMEDIATE.refused;
        const bytes = moduleWith([...opcode, ...(EXAMPLES[kind] ?? [])]);
        if (refused) {
          expect(() => instrument(bytes)).toThrow(/^(uses .* refused|has an unknown opcode)/);
        } else if (prefix.length > 0 || !STRUCTURE.includes(code)) {
          if (!WebAssembly.validate(bytes)) throw new Error(`${opcode}: read otherwise`);
          expect(WebAssembly.validate(instrument(bytes).bytes)).toBe(true);
        }
      }
    });

  test("block, if and else", () => {
    const bytes = moduleWith([0x02, 0x40, 0x41, 1, 0x04, 0x40, 0x01, 0x05, 0x01, 0x0b, 0x0b]);
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(WebAssembly.validate(instrument(bytes).bytes)).toBe(true);
  });

  test("a call through a reference is refused by name", () => {
    expect(() => instrument(moduleWith([0x14, 0]))).toThrow("typed function references");
  });
});

/** A function that has operands of some types on the stack, then an opcode, and gives what is left. */
function taking(code: readonly number[], params: readonly number[], results: readonly number[]) {
  const type = [0x60, params.length, ...params, results.length, ...results];
  const gets = params.flatMap((_, i) => [0x20, i]);
  const body = [0, ...gets, ...code, 0x0b];
  const sections = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, type.length + 4, 2, ...type, 0x60, 0, 0],
    [3, 3, 2, 0, 1],
    [4, 4, 1, 0x70, 0, 1],
    [5, 3, 1, 0, 1],
    [6, 6, 1, 0x7f, 1, 0x41, 0, 0x0b],
    [9, 5, 1, 1, 0, 1, 0],
    [12, 1, 1],
    [10, body.length + 5, 2, body.length, ...body, 2, 0, 0x0b],
    [11, 3, 1, 1, 0],
  ];
  return new Uint8Array(sections.flat());
}

const [I32, I64, F32, F64, V128, FUNCREF] = [0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70] as const;
const TYPES = [I32, I64, F32, F64, V128, FUNCREF];
/** What opcodes take, as far as any does. */
const OPERANDS: readonly (readonly number[])[] = [
  [],
  ...TYPES.map((one) => [one]),
  ...TYPES.flatMap((one) => [
    [one, one],
    [I32, one],
    [one, I32],
  ]),
  ...TYPES.flatMap((one) => [
    [V128, one],
    [one, one, I32],
    [I32, one, I32],
  ]),
  [V128, V128, V128],
];

describe("each opcode changes the number of operands as it is said to", () => {
  for (const { name, prefix, table, size } of spaces)
    test(name, () => {
      for (let code = 0; code < size; code++) {
        const kind = table.immediates[code] ?? IMMEDIATE.refused;
        if (kind === IMMEDIATE.prefix || kind === IMMEDIATE.refused) continue;
        // Blocks, branches and calls are counted by their types.
        if (prefix.length === 0 && code <= 0x13) continue;
        const codes = prefix.length === 0 ? [code] : [...prefix, ...leb(code)];
        const opcode = [...codes, ...(EXAMPLES[kind] ?? [])];
        const taken = OPERANDS.find((params) =>
          [[], ...TYPES.map((one) => [one])].some((results) => {
            const effect = results.length - params.length;
            if (!WebAssembly.validate(taking(opcode, params, results))) return false;
            if (effect !== (table.effects[code] as number))
              throw new Error(
                `${opcode.join(" ")}: ${effect}, and it is said to be ${table.effects[code]}`,
              );
            return true;
          }),
        );
        // local.get and the like want a local, which there is only with an operand.
        if (taken === undefined && !(prefix.length === 0 && code === 0x20))
          throw new Error(`${opcode.join(" ")}: nothing tried is what it takes`);
      }
    });
});
