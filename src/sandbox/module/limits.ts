/** What a module may have at most. It bounds what reading, compiling and instantiating it can cost. */
export interface ModuleLimits {
  /** Bytes of the module. */
  readonly maxBytes: number;
  readonly maxTypes: number;
  /** Parameters of one type, and results: the engine looks at each wherever the type is named. */
  readonly maxParameters: number;
  /** Functions of its own. */
  readonly maxFunctions: number;
  readonly maxImports: number;
  readonly maxExports: number;
  readonly maxGlobals: number;
  readonly maxTables: number;
  /** Elements of all tables together, and of all element segments together. Tables grow no further. */
  readonly maxTableElements: number;
  /** Pages of 64 KiB. A module that begins with more is refused, and `memory.grow` beyond gives −1. */
  readonly maxMemoryPages: number;
  readonly maxSegments: number;
  /** Custom sections: the engine's time for them grows with the square of their number. */
  readonly maxCustomSections: number;
  /** Bytes of all data segments together. */
  readonly maxDataBytes: number;
  /** Locals of one function. */
  readonly maxLocals: number;
  /** Bytes of one function's body. */
  readonly maxBodyBytes: number;
  /** Blocks within blocks in one function. */
  readonly maxNesting: number;
  /**
   * Values that are alive at loops: for each loop the locals of its function and the operands below it, over all
   * functions. The engine's compiler keeps a record of each, of about 17 bytes.
   */
  readonly maxLoopValues: number;
}

/** Limits that programs of common compilers, interpreters compiled to WebAssembly among them, stay below. */
export const defaultModuleLimits: ModuleLimits = {
  maxBytes: 16 * 1024 * 1024,
  maxTypes: 10_000,
  maxParameters: 128,
  maxFunctions: 50_000,
  maxImports: 1_000,
  maxExports: 10_000,
  maxGlobals: 10_000,
  maxTables: 16,
  maxTableElements: 100_000,
  maxMemoryPages: 1024,
  maxSegments: 50_000,
  maxCustomSections: 1_000,
  maxDataBytes: 16 * 1024 * 1024,
  maxLocals: 10_000,
  maxBodyBytes: 1024 * 1024,
  maxNesting: 5_000,
  maxLoopValues: 1_000_000,
};
