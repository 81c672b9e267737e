import type { ByteReader } from "./byte-reader.ts";
import type { IndexSpaces } from "./constant-expression.ts";
import type { ModuleLimits } from "./limits.ts";
import {
  IMMEDIATE,
  LEAF_UNITS,
  miscOpcodes,
  plainOpcodes,
  vectorOpcodes,
  whyRefused,
} from "./opcodes.ts";
import { readReferenceType, readValueType } from "./value-types.ts";

/** What is done at a place of a function's code. */
export const ACTION = {
  /** Fuel is taken, before what is there. */
  check: 0,
  /** The operand on top of the stack, a length in bytes, is charged, before what is there. */
  charge: 1,
  /** The same for a number of elements of a table. */
  chargeElements: 2,
  /** `memory.fill` becomes a call of a helper that does it in pieces. */
  fill: 3,
  /** `memory.copy` does. */
  copy: 4,
  /** `memory.grow` becomes a call of a helper that notes when it was refused. */
  grow: 5,
} as const;

/** What functions may name. */
export interface CodeSpaces extends IndexSpaces {
  /** For each type how many values it takes, and gives. */
  readonly params: Uint8Array;
  readonly results: Uint8Array;
  /** For each function its type. */
  readonly functionTypes: readonly number[];
  readonly memory: boolean;
}

const CHANGED_TABLES = "changed tables";
const MULTIPLE_MEMORIES = "uses multiple memories, which are refused";
const NO_MEMORY = "uses a memory it has not";
const EMPTY = 0x40;
/** Of the opcodes of one byte with a memory argument, those from here on write. */
const FIRST_STORE = 0x36;
/** What the check in a loop costs itself, so that an empty loop is no bargain. */
const LOOP_UNITS = 10;

const { immediates, weights, effects } = plainOpcodes;

/**
 * Reads the code of one function and finds where it must be changed. One meter reads all functions of a module, one
 * after another: its lists are those of the last.
 *
 * The cost of a check is the weight of all instructions that run before the next one: those of the function outside
 * of loops for the check at its entry, those of a loop outside of inner loops for the check at its header. As every
 * way back leads through a loop header or a call, no instruction runs twice without a check between.
 */
export class FunctionMeter {
  /** Offsets in the module, ascending. */
  readonly places: number[] = [];
  readonly actions: number[] = [];
  /** Units of fuel for checks; for what is replaced the bytes it has. */
  readonly costs: number[] = [];
  /** Where the code begins, after the locals. */
  codeStart = 0;
  /** Whether the check at its entry can be left out, as its callers pay for it. */
  leaf = false;
  /** Whether any function that was read can write to the memory. */
  writes = false;

  readonly #limits: ModuleLimits;
  readonly #lasting: Set<string>;
  readonly #spaces: CodeSpaces;
  /** For each opcode with an index how many it may name: nothing that the loader appends. */
  readonly #bounds = new Uint32Array(256).fill(0xffff_ffff);
  /** For each open block the check that its instructions are charged to. */
  readonly #payers: number[] = [];
  /** For each open block how many operands there are below its own, and how many it takes and gives. */
  readonly #floors: number[] = [];
  readonly #params: number[] = [];
  readonly #results: number[] = [];
  /** By how much what was read last changes the number of operands. */
  #shift = 0;
  /** The locals of the function, parameters among them. */
  #locals = 0;
  /** Of all functions that were read. */
  #loopValues = 0;

  /** @param lasting takes what functions change that neither memory nor globals hold, in words */
  constructor(limits: ModuleLimits, spaces: CodeSpaces, lasting: Set<string>) {
    this.#limits = limits;
    this.#spaces = spaces;
    for (const opcode of [0x10, 0x12, 0xd2]) this.#bounds[opcode] = spaces.functions;
    for (const opcode of [0x23, 0x24]) this.#bounds[opcode] = spaces.globals;
    this.#lasting = lasting;
  }

  #add(place: number, action: number, cost = 0): number {
    this.places.push(place);
    this.actions.push(action);
    return this.costs.push(cost) - 1;
  }

  /** @param reader the function's body, its size left out @param type of the function */
  read(reader: ByteReader, type: number): void {
    this.places.length = 0;
    this.actions.length = 0;
    this.costs.length = 0;
    const locals = this.#readLocals(reader);
    this.#locals = locals + (this.#spaces.params[type] as number);
    this.codeStart = reader.at;
    const entry = this.#add(reader.at, ACTION.check);
    // The engine sets each of them to zero.
    this.costs[entry] = locals >> 2;
    const calls = this.#readCode(reader, entry);
    this.leaf = !calls && this.places.length === 1 && (this.costs[entry] as number) <= LEAF_UNITS;
  }

  #readLocals(reader: ByteReader): number {
    const at = reader.at;
    const groups = reader.count(this.#limits.maxLocals, "groups of locals");
    let locals = 0;
    for (let i = 0; i < groups; i++) {
      locals += reader.u32();
      reader.skip(1);
    }
    if (locals > this.#limits.maxLocals)
      reader.fail(
        `has a function of ${locals} locals, and ${this.#limits.maxLocals} are allowed`,
        at,
      );
    return locals;
  }

  /** @returns whether it calls anything */
  #readCode(reader: ByteReader, entry: number): boolean {
    const { bytes, end } = reader;
    const { memory, params, results, functionTypes } = this.#spaces;
    const bounds = this.#bounds;
    const payers = this.#payers;
    let depth = 0;
    // Operands on the stack. In code that is never reached there may be fewer, and nothing is kept for it.
    let height = 0;
    let payer = entry;
    let cost = this.costs[entry] as number;
    let calls = false;
    // The reader's place is kept in a variable: this loop is where the time of all instrumenting goes.
    let at = reader.at;
    while (at < end) {
      const start = at;
      const opcode = bytes[at++] as number;
      cost += weights[opcode] as number;
      height += effects[opcode] as number;
      switch (immediates[opcode]) {
        case IMMEDIATE.none:
          if (opcode !== 0x0b) {
            if (opcode === 0x05 && depth > 0)
              height = (this.#floors[depth - 1] as number) + (this.#params[depth - 1] as number);
            break;
          }
          if (depth === 0) {
            this.costs[payer] = cost;
            if (at !== end) reader.fail("has code after the end of a function", at);
            return calls;
          }
          depth--;
          height = (this.#floors[depth] as number) + (this.#results[depth] as number);
          if (payers[depth] !== payer) {
            this.costs[payer] = cost;
            payer = payers[depth] as number;
            cost = this.costs[payer] as number;
          }
          break;
        case IMMEDIATE.index: {
          let index = bytes[at++] as number;
          if (index >= 0x80) {
            reader.at = at - 1;
            index = reader.u32();
            at = reader.at;
          }
          if (index >= (bounds[opcode] as number))
            reader.fail("names a function or a global that is not there", start);
          if (opcode === 0x10 || opcode === 0x12) {
            calls = true;
            const type = functionTypes[index] as number;
            height += (results[type] as number) - (params[type] as number);
          } else if (opcode === 0x26) this.#lasting.add(CHANGED_TABLES);
          break;
        }
        case IMMEDIATE.i32:
          if ((bytes[at] as number) < 0x80) at++;
          else {
            reader.at = at;
            reader.skipSigned(32);
            at = reader.at;
          }
          break;
        case IMMEDIATE.memoryArgument:
          if (opcode >= FIRST_STORE) this.writes = true;
          if (memory && (bytes[at] as number) < 64 && (bytes[at + 1] as number) < 0x80) at += 2;
          else {
            reader.at = at;
            this.#memoryArgument(reader);
            at = reader.at;
          }
          break;
        case IMMEDIATE.blockType:
          reader.at = at;
          this.#blockType(reader, depth);
          at = reader.at;
          this.#floors[depth] = height - (this.#params[depth] as number);
          if (depth >= this.#limits.maxNesting)
            reader.fail(`has blocks nested more than ${this.#limits.maxNesting} deep`, start);
          payers[depth++] = payer;
          if (opcode === 0x03) {
            this.costs[payer] = cost;
            payer = this.#add(at, ACTION.check);
            cost = LOOP_UNITS;
            this.#countLoop(reader, Math.max(height, 0), start);
          }
          break;
        default:
          reader.at = at;
          this.#shift = 0;
          cost += this.#rare(reader, opcode, start);
          height += this.#shift;
          if (opcode === 0x11 || opcode === 0x13) calls = true;
          at = reader.at;
      }
    }
    return reader.fail("has a function without an end");
  }

  #countLoop(reader: ByteReader, height: number, at: number): void {
    this.#loopValues += this.#locals + height;
    const allowed = this.#limits.maxLoopValues;
    if (this.#loopValues <= allowed) return;
    reader.fail(
      `has loops with more than ${allowed} locals and operands in all: split its largest functions`,
      at,
    );
  }

  /** Reads the index of a type. @returns by how much a call of that type changes the number of operands */
  #typeEffect(reader: ByteReader, at: number): number {
    const { params, results } = this.#spaces;
    const type = reader.u32();
    if (type >= params.length) reader.fail("names a type that is not there", at);
    return (results[type] as number) - (params[type] as number);
  }

  /** Reads the immediates that are not often met. @returns the weight beside that of the opcode */
  #rare(reader: ByteReader, opcode: number, at: number): number {
    switch (immediates[opcode]) {
      case IMMEDIATE.twoIndices:
        this.#shift = this.#typeEffect(reader, at);
        reader.u32();
        return 0;
      case IMMEDIATE.branchTable:
        for (let i = reader.u32(); i >= 0; i--) reader.u32();
        return 0;
      case IMMEDIATE.memory:
        this.#memoryIndex(reader);
        if (opcode === 0x40) this.#add(at, ACTION.grow, reader.at - at);
        return 0;
      case IMMEDIATE.i64:
        reader.skipSigned(64);
        return 0;
      case IMMEDIATE.f32:
        reader.skip(4);
        return 0;
      case IMMEDIATE.f64:
        reader.skip(8);
        return 0;
      case IMMEDIATE.valueTypes:
        for (let i = reader.count(1000, "results of a select"); i > 0; i--) readValueType(reader);
        return 0;
      case IMMEDIATE.referenceType:
        readReferenceType(reader);
        return 0;
      case IMMEDIATE.prefix:
        return opcode === 0xfc ? this.#misc(reader, at) : this.#vector(reader, at);
      default:
        return reader.fail(whyRefused(opcode), at);
    }
  }

  #memoryIndex(reader: ByteReader): void {
    const at = reader.at;
    if (!this.#spaces.memory) reader.fail(NO_MEMORY, at);
    if (reader.byte() !== 0) reader.fail(MULTIPLE_MEMORIES, at);
  }

  #memoryArgument(reader: ByteReader): void {
    const at = reader.at;
    if (!this.#spaces.memory) reader.fail(NO_MEMORY, at);
    // Bit 6 of the alignment says that the index of a memory follows.
    if (reader.u32() >= 64) reader.fail(MULTIPLE_MEMORIES, at);
    reader.u32();
  }

  #blockType(reader: ByteReader, depth: number): void {
    const at = reader.at;
    const first = reader.byte();
    this.#params[depth] = 0;
    this.#results[depth] = first === EMPTY ? 0 : 1;
    if (first === EMPTY) return;
    reader.at = at;
    // A value type is a negative number of one byte, the index of a type is none.
    if ((first & 0xc0) === 0x40) {
      readValueType(reader);
      return;
    }
    const { params, results } = this.#spaces;
    const type = reader.u32();
    if (type >= params.length) reader.fail("names a type that is not there", at);
    this.#params[depth] = params[type] as number;
    this.#results[depth] = results[type] as number;
  }

  #misc(reader: ByteReader, at: number): number {
    const code = reader.u32();
    if (code === 9 || code === 13) this.#lasting.add("dropped segments");
    if (code === 12 || code === 14 || code === 15 || code === 17) this.#lasting.add(CHANGED_TABLES);
    switch (miscOpcodes.immediates[code]) {
      case IMMEDIATE.none:
        break;
      case IMMEDIATE.index:
        reader.u32();
        if (code === 15 || code === 17) this.#add(at, ACTION.chargeElements);
        break;
      case IMMEDIATE.memory:
        this.#memoryIndex(reader);
        this.writes = true;
        this.#add(at, ACTION.fill, reader.at - at);
        break;
      case IMMEDIATE.twoMemories:
        this.#memoryIndex(reader);
        this.#memoryIndex(reader);
        this.writes = true;
        this.#add(at, ACTION.copy, reader.at - at);
        break;
      case IMMEDIATE.indexAndMemory:
        reader.u32();
        this.#memoryIndex(reader);
        this.writes = true;
        this.#add(at, ACTION.charge);
        break;
      case IMMEDIATE.twoIndices:
        reader.u32();
        reader.u32();
        this.#add(at, ACTION.chargeElements);
        break;
      default:
        reader.fail(whyRefused(code, 0xfc), at);
    }
    this.#shift = miscOpcodes.effects[code] as number;
    return miscOpcodes.weights[code] as number;
  }

  #vector(reader: ByteReader, at: number): number {
    const code = reader.u32();
    switch (vectorOpcodes.immediates[code]) {
      case IMMEDIATE.none:
        break;
      case IMMEDIATE.memoryArgument:
        if (!isVectorLoad(code)) this.writes = true;
        this.#memoryArgument(reader);
        break;
      case IMMEDIATE.vector:
        reader.skip(16);
        break;
      case IMMEDIATE.lane:
        reader.skip(1);
        break;
      case IMMEDIATE.memoryArgumentAndLane:
        if (!isVectorLoad(code)) this.writes = true;
        this.#memoryArgument(reader);
        reader.skip(1);
        break;
      default:
        reader.fail(whyRefused(code, 0xfd), at);
    }
    this.#shift = vectorOpcodes.effects[code] as number;
    return vectorOpcodes.weights[code] as number;
  }
}

/** Of the opcodes after 0xfd with a memory argument: v128.load and its kinds, and those of one lane or with zeros. */
function isVectorLoad(code: number): boolean {
  return code <= 10 || (code >= 84 && code <= 87) || code === 92 || code === 93;
}
