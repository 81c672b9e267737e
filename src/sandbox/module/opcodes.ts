/** What follows an opcode. */
export const IMMEDIATE = {
  none: 0,
  blockType: 1,
  /** One index or lane number. */
  index: 2,
  twoIndices: 3,
  branchTable: 4,
  memoryArgument: 5,
  /** The index of a memory, which must be 0. */
  memory: 6,
  i32: 7,
  i64: 8,
  f32: 9,
  f64: 10,
  valueTypes: 11,
  referenceType: 12,
  /** Sixteen bytes: a vector, or the lanes of a shuffle. */
  vector: 13,
  memoryArgumentAndLane: 14,
  /** An index, then a memory. */
  indexAndMemory: 15,
  twoMemories: 16,
  /** A lane, one byte. */
  lane: 17,
  /** More of the opcode, as a u32. */
  prefix: 18,
  /** Not allowed, or not known. */
  refused: 255,
} as const;

type Immediate = (typeof IMMEDIATE)[keyof typeof IMMEDIATE];

/** A function that calls nothing, has no loop and is worth no more than this is paid for by whoever calls it. */
export const LEAF_UNITS = 32;

/** For each opcode the immediate that follows it, and its weight: about how many simple instructions it is worth. */
export interface OpcodeTable {
  readonly immediates: Uint8Array;
  readonly weights: Uint8Array;
  /** By how many the operands on the stack become more or fewer, but for blocks and what calls take and give. */
  readonly effects: Int8Array;
}

function opcodeTable(size: number): OpcodeTable {
  return {
    immediates: new Uint8Array(size).fill(IMMEDIATE.refused),
    weights: new Uint8Array(size).fill(1),
    effects: new Int8Array(size),
  };
}

function allow(table: OpcodeTable, immediate: Immediate, from: number, to = from): void {
  table.immediates.fill(immediate, from, to + 1);
}

/** @param ranges the first and the last of each, in turn */
function move(table: OpcodeTable, effect: number, ...ranges: readonly number[]): void {
  for (let i = 0; i < ranges.length; i += 2) {
    table.effects.fill(effect, ranges[i] as number, (ranges[i + 1] as number) + 1);
  }
}

function weigh(table: OpcodeTable, weight: number, ...codes: readonly number[]): void {
  for (const code of codes) table.weights[code] = weight;
}

/** Opcodes of one byte: version 1 of WebAssembly, sign extension, reference types and tail calls. */
export const plainOpcodes = opcodeTable(256);
/** Opcodes after 0xfc: saturating truncation, bulk memory, tables. */
export const miscOpcodes = opcodeTable(18);
/** Opcodes after 0xfd: vectors of 128 bits, without the relaxed ones, whose results differ between machines. */
export const vectorOpcodes = opcodeTable(256);

allow(plainOpcodes, IMMEDIATE.none, 0x00, 0x01); // unreachable, nop
allow(plainOpcodes, IMMEDIATE.blockType, 0x02, 0x04); // block, loop, if
allow(plainOpcodes, IMMEDIATE.none, 0x05); // else
allow(plainOpcodes, IMMEDIATE.none, 0x0b); // end
allow(plainOpcodes, IMMEDIATE.index, 0x0c, 0x0d); // br, br_if
allow(plainOpcodes, IMMEDIATE.branchTable, 0x0e);
allow(plainOpcodes, IMMEDIATE.none, 0x0f); // return
allow(plainOpcodes, IMMEDIATE.index, 0x10); // call
allow(plainOpcodes, IMMEDIATE.twoIndices, 0x11); // call_indirect
allow(plainOpcodes, IMMEDIATE.index, 0x12); // return_call
allow(plainOpcodes, IMMEDIATE.twoIndices, 0x13); // return_call_indirect
allow(plainOpcodes, IMMEDIATE.none, 0x1a, 0x1b); // drop, select
allow(plainOpcodes, IMMEDIATE.valueTypes, 0x1c); // select with a type
allow(plainOpcodes, IMMEDIATE.index, 0x20, 0x26); // local.*, global.*, table.get, table.set
allow(plainOpcodes, IMMEDIATE.memoryArgument, 0x28, 0x3e); // loads and stores
allow(plainOpcodes, IMMEDIATE.memory, 0x3f, 0x40); // memory.size, memory.grow
allow(plainOpcodes, IMMEDIATE.i32, 0x41);
allow(plainOpcodes, IMMEDIATE.i64, 0x42);
allow(plainOpcodes, IMMEDIATE.f32, 0x43);
allow(plainOpcodes, IMMEDIATE.f64, 0x44);
allow(plainOpcodes, IMMEDIATE.none, 0x45, 0xc4); // comparison, arithmetic, conversion, sign extension
allow(plainOpcodes, IMMEDIATE.referenceType, 0xd0); // ref.null
allow(plainOpcodes, IMMEDIATE.none, 0xd1); // ref.is_null
allow(plainOpcodes, IMMEDIATE.index, 0xd2); // ref.func
allow(plainOpcodes, IMMEDIATE.prefix, 0xfc, 0xfd);

allow(miscOpcodes, IMMEDIATE.none, 0, 7); // saturating truncation
allow(miscOpcodes, IMMEDIATE.indexAndMemory, 8); // memory.init
allow(miscOpcodes, IMMEDIATE.index, 9); // data.drop
allow(miscOpcodes, IMMEDIATE.twoMemories, 10); // memory.copy
allow(miscOpcodes, IMMEDIATE.memory, 11); // memory.fill
allow(miscOpcodes, IMMEDIATE.twoIndices, 12); // table.init
allow(miscOpcodes, IMMEDIATE.index, 13); // elem.drop
allow(miscOpcodes, IMMEDIATE.twoIndices, 14); // table.copy
allow(miscOpcodes, IMMEDIATE.index, 15, 17); // table.grow, table.size, table.fill

allow(vectorOpcodes, IMMEDIATE.memoryArgument, 0, 11); // loads, v128.store
allow(vectorOpcodes, IMMEDIATE.vector, 12, 13); // v128.const, i8x16.shuffle
allow(vectorOpcodes, IMMEDIATE.none, 14, 20);
allow(vectorOpcodes, IMMEDIATE.lane, 21, 34); // extract_lane, replace_lane
allow(vectorOpcodes, IMMEDIATE.none, 35, 83);
allow(vectorOpcodes, IMMEDIATE.memoryArgumentAndLane, 84, 91); // load_lane, store_lane
allow(vectorOpcodes, IMMEDIATE.memoryArgument, 92, 93); // load32_zero, load64_zero
allow(vectorOpcodes, IMMEDIATE.none, 94, 255);
for (const hole of [154, 162, 165, 166, 175, 176, 178, 179, 180, 187, 194, 197, 198, 207, 208])
  allow(vectorOpcodes, IMMEDIATE.refused, hole);
for (const hole of [210, 211, 212, 226, 238]) allow(vectorOpcodes, IMMEDIATE.refused, hole);

// A load that misses every cache costs about a hundred simple instructions, one that hits costs one.
for (let code = 0x28; code <= 0x35; code++) weigh(plainOpcodes, 2, code);
weigh(plainOpcodes, 8, 0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82); // integer division and remainder
weigh(plainOpcodes, 6, 0x91, 0x95, 0x9f, 0xa3); // sqrt, division of floats
weigh(plainOpcodes, LEAF_UNITS + 4, 0x10, 0x11, 0x12, 0x13); // calls
weigh(plainOpcodes, 200, 0x40); // memory.grow
weigh(plainOpcodes, 0, 0x01, 0x02, 0x03, 0x05, 0x0b); // what makes no machine code
weigh(miscOpcodes, 50, 8, 10, 11, 12, 14, 17); // bulk operations, before their length
weigh(miscOpcodes, 200, 15); // table.grow
weigh(vectorOpcodes, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

move(plainOpcodes, 1, 0x20, 0x20, 0x23, 0x23, 0x3f, 0x3f, 0x41, 0x44, 0xd0, 0xd0, 0xd2, 0xd2);
move(plainOpcodes, -1, 0x04, 0x04, 0x0d, 0x0e, 0x11, 0x11, 0x13, 0x13, 0x1a, 0x1a); // if, branches, drop
move(plainOpcodes, -1, 0x21, 0x21, 0x24, 0x24); // local.set, global.set
move(plainOpcodes, -2, 0x1b, 0x1c, 0x26, 0x26, 0x36, 0x3e); // select, table.set, stores
move(plainOpcodes, -1, 0x46, 0x4f, 0x51, 0x66); // comparison
move(plainOpcodes, -1, 0x6a, 0x78, 0x7c, 0x8a, 0x92, 0x98, 0xa0, 0xa6); // arithmetic of two operands
move(miscOpcodes, -3, 8, 8, 10, 12, 14, 14, 17, 17);
move(miscOpcodes, -1, 15, 15);
move(miscOpcodes, 1, 16, 16);
move(vectorOpcodes, 1, 12, 12);
move(vectorOpcodes, -2, 11, 11, 82, 82, 88, 91); // stores, bitselect
move(vectorOpcodes, -1, 13, 14, 23, 23, 26, 26, 28, 28, 30, 30, 32, 32, 34, 76, 78, 81, 84, 87);
move(vectorOpcodes, -1, 101, 102, 107, 115, 118, 121, 123, 123, 130, 130, 133, 134, 139, 147);
move(vectorOpcodes, -1, 149, 159, 171, 191, 203, 223, 228, 235, 240, 247);

/** Why an opcode is refused, in words. @param prefix of an opcode of several bytes */
export function whyRefused(code: number, prefix?: number): string {
  const why = prefix === undefined ? plainRefusal(code) : prefixedRefusal(prefix, code);
  const name = `${prefix === undefined ? "" : `0x${prefix.toString(16)} `}0x${code.toString(16)}`;
  return why === undefined ? `has an unknown opcode ${name}` : `uses ${why}`;
}

function plainRefusal(code: number): string | undefined {
  if ((code >= 0x06 && code <= 0x0a) || code === 0x18 || code === 0x19 || code === 0x1f)
    return "exception handling, which is refused: build without exceptions";
  if (code === 0x14 || code === 0x15 || (code >= 0xd3 && code <= 0xd6))
    return "typed function references, which are refused";
  if (code === 0xfb) return "garbage collection, which is refused";
  if (code === 0xfe) return "threads, which are refused: build without atomics";
  return undefined;
}

function prefixedRefusal(prefix: number, code: number): string | undefined {
  if (prefix === 0xfc && code >= 19 && code <= 22) return "wide arithmetic, which is refused";
  if (prefix === 0xfd && code >= 0x100 && code <= 0x12f)
    return "relaxed SIMD, which is refused: its results differ between machines";
  return undefined;
}
