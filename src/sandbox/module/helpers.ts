import { ByteWriter } from "./byte-writer.ts";
import type { Helper, Layout } from "./layout.ts";
import { helperIndex } from "./layout.ts";

/** Units of fuel between two looks at the stop cell: 0.1 ms of compiled code, some ms of code that is still interpreted. */
const SLICE = 250_000;
/** Bulk operations are done in pieces of so many bytes, so that a stop need not wait for all of one. */
const PIECE = 64 * 1024;
/** Elements of a table that are charged at most; no table has more, and what asks for more traps or gives −1. */
const MOST_ELEMENTS = 1 << 24;

const OP = {
  unreachable: 0x00,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32LessSigned: 0x48,
  i32LessUnsigned: 0x49,
  i32GreaterUnsigned: 0x4b,
  i32LessOrEqualUnsigned: 0x4d,
  i64LessSigned: 0x53,
  i64GreaterUnsigned: 0x56,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Shl: 0x74,
  i32ShrUnsigned: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Shl: 0x86,
  i32Wrap: 0xa7,
  i64ExtendSigned: 0xac,
  i64ExtendUnsigned: 0xad,
} as const;

const I64 = 0x7e;
const EMPTY = 0x40;

/** Code as it is put together; `flat` makes bytes of it. */
type Code = number | readonly Code[];

function flat(code: Code): number[] {
  return typeof code === "number" ? [code] : code.flatMap(flat);
}

function leb(write: (writer: ByteWriter) => void): Code {
  const writer = new ByteWriter(5);
  write(writer);
  return [...writer.finish()];
}

const index = (value: number): Code => leb((writer) => writer.u32(value));
const constant = (value: number): Code => leb((writer) => writer.s32(value));
const get = (local: number): Code => [OP.localGet, local];
const set = (local: number): Code => [OP.localSet, local];
const i32 = (value: number): Code => [OP.i32Const, constant(value)];
const i64 = (value: number): Code => [OP.i64Const, constant(value)];
const when = (condition: Code, ...then: readonly Code[]): Code => [
  condition,
  [OP.if, EMPTY, then, OP.end],
];
const call = (layout: Layout, helper: Helper): Code => [
  OP.call,
  index(helperIndex(layout, helper)),
];

/** The check at loops and at entries of functions, before and after the units it takes as an s32. */
export function checkCode(layout: Layout): { head: number[]; tail: number[] } {
  const fuel = index(layout.fuelGlobal);
  return {
    head: flat([OP.globalGet, fuel, OP.i32Const]),
    tail: flat([OP.i32Sub, OP.globalSet, fuel, refuelWhenSpent(layout)]),
  };
}

function refuelWhenSpent(layout: Layout): Code {
  const spent = [OP.globalGet, index(layout.fuelGlobal), i32(0), OP.i32LessSigned];
  return when(spent, call(layout, "refuel"));
}

/** Bodies of the helpers, in the order of `HELPERS`. @param memory whether the guest has one */
export function helperBodies(layout: Layout, memory: boolean): number[][] {
  const none = [0];
  const oneI64 = [1, 1, I64];
  const bodies: Code[] = [
    [oneI64, refuel(layout)],
    [none, chargeBytes(layout)],
    [none, chargeElements(layout)],
  ];
  if (memory) bodies.push([none, fill(layout)], [none, copy(layout)], [none, grow(layout)]);
  return bodies.map((body) => flat([body, OP.end]));
}

/**
 * Called when the fuel is below zero. Traps when the stop cell says so, or when the budget does not cover what was
 * taken; else takes the next slice out of the budget.
 */
function refuel(layout: Layout): Code {
  const fuel = index(layout.fuelGlobal);
  const budget = index(layout.budgetGlobal);
  const owed = 0;
  // Bit 6 of the alignment says that the index of a memory follows. An atomic load is done each time; a plain one the
  // compiler may move out of the guest's loop.
  const memory = layout.cellMemory === 0 ? [2, 0] : [2 | 64, index(layout.cellMemory), 0];
  const stopped = [i32(0), 0xfe, 0x10, memory, i32(0), OP.i32LessSigned];
  const tooLittle = [OP.globalGet, budget, get(owed), OP.i64LessSigned];
  const grant = [get(owed), OP.globalGet, budget];
  return [
    when(stopped, OP.unreachable),
    [i64(0), OP.globalGet, fuel, OP.i64ExtendSigned, OP.i64Sub, set(owed)],
    when(tooLittle, i64(-1), OP.globalSet, budget, OP.unreachable),
    // From here on it is what is granted: what is owed and a slice, or all of the budget when that is less.
    [get(owed), i64(SLICE), OP.i64Add, set(owed)],
    [grant, grant, OP.i64LessSigned, OP.select, set(owed)],
    [OP.globalGet, budget, get(owed), OP.i64Sub, OP.globalSet, budget],
    [OP.globalGet, fuel, get(owed), OP.i32Wrap, OP.i32Add, OP.globalSet, fuel],
  ];
}

/** Charges for a length, and gives it back. @param units makes units out of the length, which is local 0 */
function charge(layout: Layout, units: Code): Code {
  const fuel = index(layout.fuelGlobal);
  return [
    [OP.globalGet, fuel, units, OP.i32Sub, OP.globalSet, fuel],
    refuelWhenSpent(layout),
    get(0),
  ];
}

function chargeBytes(layout: Layout): Code {
  return charge(layout, [get(0), i32(2), OP.i32ShrUnsigned]);
}

function chargeElements(layout: Layout): Code {
  const both = [i32(MOST_ELEMENTS), get(0)];
  return charge(layout, [both, both, OP.i32LessUnsigned, OP.select, i32(2), OP.i32Shl]);
}

/** Whether the range of so many bytes (local 2) from an address is within the memory. */
function within(address: number): Code {
  return [
    [get(address), OP.i64ExtendUnsigned, get(2), OP.i64ExtendUnsigned, OP.i64Add],
    [OP.memorySize, 0, OP.i64ExtendUnsigned, i64(16), OP.i64Shl],
    [OP.i64GreaterUnsigned, OP.i32Eqz],
  ];
}

const LONG: Code = [get(2), i32(PIECE), OP.i32GreaterUnsigned];
const SHORTEN: Code = [get(2), i32(PIECE), OP.i32Sub, set(2)];
const forward = (local: number): Code => [get(local), i32(PIECE), OP.i32Add, set(local)];
const chargePiece = (layout: Layout): Code => [i32(PIECE), call(layout, "charge"), OP.drop];
const MEMORY_FILL: Code = [0xfc, 11, 0];
const MEMORY_COPY: Code = [0xfc, 10, 0, 0];

/** memory.fill(address, value, length). What is out of bounds is left to the instruction, which writes nothing then. */
function fill(layout: Layout): Code {
  const piece = [get(0), get(1), i32(PIECE), MEMORY_FILL, forward(0), SHORTEN];
  return [
    [OP.loop, EMPTY, when(LONG, when(within(0), chargePiece(layout), piece, [OP.br, 2])), OP.end],
    [get(0), get(1), get(2), call(layout, "charge"), MEMORY_FILL],
  ];
}

/** memory.copy(to, from, length). Ranges may overlap, so the end that would be written over goes first. */
function copy(layout: Layout): Code {
  const upwards = [get(0), get(1), i32(PIECE), MEMORY_COPY, forward(0), forward(1), SHORTEN];
  const last = (address: number): Code => [get(address), get(2), OP.i32Add];
  const downwards = [SHORTEN, last(0), last(1), i32(PIECE), MEMORY_COPY];
  const piece = [
    [get(0), get(1), OP.i32LessOrEqualUnsigned],
    [OP.if, EMPTY, upwards, OP.else, downwards, OP.end],
  ];
  const whenWithin = when(within(0), when(within(1), chargePiece(layout), piece, [OP.br, 3]));
  return [
    [OP.loop, EMPTY, when(LONG, whenWithin), OP.end],
    [get(0), get(1), get(2), call(layout, "charge"), MEMORY_COPY],
  ];
}

/** memory.grow(pages), which gives −1 when it is refused. That is noted, for whoever explains the trap that follows. */
function grow(layout: Layout): Code {
  const refused = [get(0), OP.memoryGrow, 0, OP.localTee, 0, i32(0), OP.i32LessSigned];
  return [when(refused, i32(1), OP.globalSet, index(layout.deniedGlobal)), get(0)];
}
