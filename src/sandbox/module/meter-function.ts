import type { ByteReader } from "./byte-reader.ts";
import type { ModuleLimits } from "./limits.ts";
import {
  IMMEDIATE,
  LEAF_UNITS,
  miscOpcodes,
  plainOpcodes,
  vectorOpcodes,
  whyRefused,
} from "./opcodes.ts";

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
} as const;

const CHANGED_TABLES = "changed tables";

const { immediates, weights } = plainOpcodes;

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

  readonly #limits: ModuleLimits;
  readonly #lasting: Set<string>;
  /** For each open block the check that its instructions are charged to. */
  readonly #payers: number[] = [];

  /** @param lasting takes what functions change that neither memory nor globals hold, in words */
  constructor(limits: ModuleLimits, lasting: Set<string>) {
    this.#limits = limits;
    this.#lasting = lasting;
  }

  #add(place: number, action: number, cost = 0): number {
    this.places.push(place);
    this.actions.push(action);
    return this.costs.push(cost) - 1;
  }

  /** @param reader the function's body, its size left out */
  read(reader: ByteReader): void {
    this.places.length = 0;
    this.actions.length = 0;
    this.costs.length = 0;
    const locals = this.#readLocals(reader);
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
    const payers = this.#payers;
    payers.length = 0;
    let depth = 0;
    let payer = entry;
    let cost = this.costs[entry] as number;
    let calls = false;
    while (reader.at < end) {
      const at = reader.at;
      const opcode = bytes[at] as number;
      reader.at = at + 1;
      cost += weights[opcode] as number;
      switch (immediates[opcode]) {
        case IMMEDIATE.none:
          if (opcode !== 0x0b) break;
          if (depth === 0) {
            this.costs[payer] = cost;
            if (reader.at !== end) reader.fail("has code after the end of a function");
            return calls;
          }
          depth--;
          if (payers[depth] !== payer) {
            this.costs[payer] = cost;
            payer = payers[depth] as number;
            cost = this.costs[payer] as number;
          }
          break;
        case IMMEDIATE.index:
          if ((bytes[reader.at] as number) < 0x80) reader.at++;
          else reader.u32();
          if (opcode === 0x10 || opcode === 0x12) calls = true;
          else if (opcode === 0x26) this.#lasting.add(CHANGED_TABLES);
          break;
        case IMMEDIATE.i32:
          if ((bytes[reader.at] as number) < 0x80) reader.at++;
          else reader.skipSigned(32);
          break;
        case IMMEDIATE.memoryArgument:
          this.#memoryArgument(reader);
          break;
        case IMMEDIATE.blockType:
          this.#blockType(reader);
          if (depth >= this.#limits.maxNesting)
            reader.fail(`has blocks nested more than ${this.#limits.maxNesting} deep`, at);
          payers[depth++] = payer;
          if (opcode === 0x03) {
            this.costs[payer] = cost;
            payer = this.#add(reader.at, ACTION.check);
            cost = 0;
          }
          break;
        case IMMEDIATE.twoIndices:
          reader.u32();
          reader.u32();
          calls = true;
          break;
        case IMMEDIATE.branchTable:
          for (let i = reader.u32(); i >= 0; i--) reader.u32();
          break;
        case IMMEDIATE.memory:
          if (reader.byte() !== 0) reader.fail("uses multiple memories, which are refused", at);
          break;
        case IMMEDIATE.i64:
          reader.skipSigned(64);
          break;
        case IMMEDIATE.f32:
          reader.skip(4);
          break;
        case IMMEDIATE.f64:
          reader.skip(8);
          break;
        case IMMEDIATE.valueTypes:
          for (let i = reader.count(1000, "results of a select"); i > 0; i--) reader.skip(1);
          break;
        case IMMEDIATE.referenceType:
          reader.skip(1);
          break;
        case IMMEDIATE.prefix:
          cost += opcode === 0xfc ? this.#misc(reader, at) : this.#vector(reader, at);
          break;
        default:
          reader.fail(whyRefused(0, opcode), at);
      }
    }
    return reader.fail("has a function without an end");
  }

  #memoryArgument(reader: ByteReader): void {
    // Bit 6 of the alignment says that the index of a memory follows.
    if (reader.u32() >= 64) reader.fail("uses multiple memories, which are refused");
    reader.u32();
  }

  #blockType(reader: ByteReader): void {
    const first = reader.bytes[reader.at] as number;
    if (first === 0x63 || first === 0x64)
      reader.fail("uses typed function references, which are refused");
    if (first < 0x80) reader.at++;
    else reader.skipSigned(33);
  }

  #misc(reader: ByteReader, at: number): number {
    const code = reader.u32();
    if (code === 9 || code === 13) this.#lasting.add("dropped segments");
    if (code === 12 || code === 14 || code === 15 || code === 17) this.#lasting.add(CHANGED_TABLES);
    const zero = (): void => {
      if (reader.byte() !== 0) reader.fail("uses multiple memories, which are refused", at);
    };
    switch (miscOpcodes.immediates[code]) {
      case IMMEDIATE.none:
        break;
      case IMMEDIATE.index:
        reader.u32();
        if (code === 15 || code === 17) this.#add(at, ACTION.chargeElements);
        break;
      case IMMEDIATE.memory:
        zero();
        this.#add(at, ACTION.fill, reader.at - at);
        break;
      case IMMEDIATE.twoMemories:
        zero();
        zero();
        this.#add(at, ACTION.copy, reader.at - at);
        break;
      case IMMEDIATE.indexAndMemory:
        reader.u32();
        zero();
        this.#add(at, ACTION.charge);
        break;
      case IMMEDIATE.twoIndices:
        reader.u32();
        reader.u32();
        this.#add(at, ACTION.chargeElements);
        break;
      default:
        reader.fail(whyRefused(0xfc, code), at);
    }
    return miscOpcodes.weights[code] as number;
  }

  #vector(reader: ByteReader, at: number): number {
    const code = reader.u32();
    switch (vectorOpcodes.immediates[code]) {
      case IMMEDIATE.none:
        break;
      case IMMEDIATE.memoryArgument:
        this.#memoryArgument(reader);
        break;
      case IMMEDIATE.vector:
        reader.skip(16);
        break;
      case IMMEDIATE.lane:
        reader.skip(1);
        break;
      case IMMEDIATE.memoryArgumentAndLane:
        this.#memoryArgument(reader);
        reader.skip(1);
        break;
      default:
        reader.fail(whyRefused(0xfd, code), at);
    }
    return vectorOpcodes.weights[code] as number;
  }
}
