import { ByteReader } from "./byte-reader.ts";
import type { IndexSpaces } from "./constant-expression.ts";
import { skipConstantExpression } from "./constant-expression.ts";
import { InvalidModule } from "./invalid-module.ts";
import type { ModuleLimits } from "./limits.ts";
import type { ExternKind, FunctionType, ValueType } from "./module-info.ts";
import type {
  Bounds,
  ExportEntry,
  GlobalEntry,
  ImportEntry,
  ModuleStructure,
  TableEntry,
} from "./module-structure.ts";
import { SECTION } from "./module-structure.ts";
import { PRIVATE_PREFIX } from "./private-names.ts";
import { readReferenceType, readValueType } from "./value-types.ts";

/** The order in which sections stand; the data count was put before the code later. */
const ORDER = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.table,
  SECTION.memory,
  SECTION.global,
  SECTION.export,
  SECTION.start,
  SECTION.element,
  SECTION.dataCount,
  SECTION.code,
  SECTION.data,
] as const satisfies readonly number[];

const KINDS = ["function", "table", "memory", "global"] as const satisfies readonly ExternKind[];

const MULTIPLE_MEMORIES = "uses multiple memories, which are refused: build it with one memory";

/**
 * Reads everything of a module but its code, and holds it to the limits. It relies on nothing being valid: what is
 * wrong in a way that matters here is found here, the rest by the engine.
 *
 * @throws InvalidModule
 */
export function readModule(bytes: Uint8Array, limits: ModuleLimits): ModuleStructure {
  if (bytes.length > limits.maxBytes)
    throw new InvalidModule(`has ${bytes.length} bytes, and ${limits.maxBytes} are allowed`);
  checkHeader(bytes);
  return new ModuleReader(bytes, limits).read();
}

function checkHeader(bytes: Uint8Array): void {
  const word = (at: number): number =>
    bytes.length < at + 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
  if (word(0) !== 0x6d736100) {
    const isText = /^\s*(?:;;[^\n]*\n\s*)*\(module\b/.test(
      String.fromCharCode(...bytes.subarray(0, 4096)),
    );
    throw new InvalidModule(
      isText
        ? "is no WebAssembly module but its text format: assemble it with wat2wasm"
        : "is no WebAssembly module: it does not begin with \\0asm",
    );
  }
  if (word(4) === 0x0001000d)
    throw new InvalidModule(
      "is a WebAssembly component: build a core module, for example for wasm32-wasip1",
    );
  if (word(4) !== 1) throw new InvalidModule("has a version of the binary format other than 1");
}

class ModuleReader {
  readonly #limits: ModuleLimits;
  readonly #bytes: Uint8Array;
  readonly #sections = new Map<number, ByteReader>();
  readonly #customs = new Map<string, ByteReader>();
  readonly #types: FunctionType[] = [];
  readonly #imports: ImportEntry[] = [];
  readonly #functionTypes: number[] = [];
  readonly #tables: TableEntry[] = [];
  readonly #globals: GlobalEntry[] = [];
  readonly #exports: ExportEntry[] = [];
  #memory: Bounds | undefined;
  #importedFunctions = 0;
  #importedGlobals = 0;
  #start: number | undefined;
  #dataBytes = 0;

  constructor(bytes: Uint8Array, limits: ModuleLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  read(): ModuleStructure {
    this.#split();
    this.#each(SECTION.type, this.#limits.maxTypes, "types", this.#type);
    this.#each(SECTION.import, this.#limits.maxImports, "imports", this.#import);
    this.#importedFunctions = this.#functionTypes.length;
    this.#each(SECTION.function, this.#limits.maxFunctions, "functions", this.#function);
    this.#each(SECTION.table, this.#limits.maxTables, "tables", this.#table);
    this.#each(SECTION.memory, 1, "memories", this.#definedMemory, MULTIPLE_MEMORIES);
    this.#each(SECTION.global, this.#limits.maxGlobals, "globals", this.#global);
    this.#each(SECTION.export, this.#limits.maxExports, "exports", this.#export);
    this.#readStart();
    this.#readElements();
    this.#readData();
    return {
      bytes: this.#bytes,
      sections: this.#sections,
      customs: this.#customs,
      types: this.#types,
      imports: this.#imports,
      functionTypes: this.#functionTypes,
      importedFunctions: this.#importedFunctions,
      importedGlobals: this.#importedGlobals,
      tables: this.#tables,
      memory: this.#memory,
      globals: this.#globals,
      exports: this.#exports,
      start: this.#start,
      dataBytes: this.#dataBytes,
    };
  }

  #split(): void {
    const reader = new ByteReader(this.#bytes, 8);
    let last = -1;
    let customs = 0;
    while (!reader.done) {
      const at = reader.at;
      const id = reader.byte();
      const contents = reader.range(reader.u32());
      if (id === SECTION.custom) {
        if (++customs > this.#limits.maxCustomSections)
          reader.fail(`has more than ${this.#limits.maxCustomSections} custom sections`, at);
        this.#customs.set(contents.name(), contents);
        continue;
      }
      if (id === 13) reader.fail("uses exception handling, which is refused", at);
      const place = (ORDER as readonly number[]).indexOf(id);
      if (place < 0) reader.fail(`has an unknown section ${id}`, at);
      if (place <= last) reader.fail("has sections twice or out of order", at);
      last = place;
      this.#sections.set(id, contents);
    }
  }

  /** Reads the entries of a section, which must fill it. */
  #each(
    id: number,
    limit: number,
    what: string,
    entry: (reader: ByteReader) => void,
    tooMany?: string,
  ): void {
    const reader = this.#sections.get(id)?.fork();
    if (reader === undefined) return;
    if (tooMany !== undefined && (reader.bytes[reader.at] ?? 0) > limit) reader.fail(tooMany);
    const count = reader.count(limit, what);
    for (let i = 0; i < count; i++) entry.call(this, reader);
    if (!reader.done) reader.fail(`has more in a section than its ${what}`);
  }

  #type(reader: ByteReader): void {
    const at = reader.at;
    if (reader.byte() !== 0x60)
      reader.fail("uses types of garbage collection, which are refused", at);
    const most = this.#limits.maxParameters;
    const list = (what: string): ValueType[] =>
      Array.from({ length: reader.count(most, what) }, () => readValueType(reader));
    this.#types.push({ params: list("parameters"), results: list("results") });
  }

  #import(reader: ByteReader): void {
    const from = reader.at;
    const module = reader.name();
    const name = reader.name();
    if (module.startsWith(PRIVATE_PREFIX))
      reader.fail(`imports from "${module}", which is kept for the sandbox`, from);
    const at = reader.at;
    const code = reader.byte();
    const label = `imports ${module}.${name}`;
    if (code === 4) reader.fail(`${label}, a tag of exception handling, which is refused`, at);
    const kind = KINDS[code] ?? reader.fail(`has an unknown kind of import ${code}`, at);
    if (kind === "table")
      reader.fail(`${label}, a table: a guest may only import functions and a memory`, at);
    if (kind === "function") {
      const index = reader.u32();
      const type = this.#types[index] ?? reader.fail(`${label} with a type that is not there`, at);
      this.#functionTypes.push(index);
      this.#imports.push({ module, name, kind, type, from, to: reader.at });
      return;
    }
    if (kind === "memory") this.#addMemory(reader);
    else {
      const global = this.#globalType(reader);
      if (global.mutable) reader.fail(`${label}, a mutable global: make it immutable`, at);
      this.#importedGlobals++;
    }
    this.#imports.push({ module, name, kind, from, to: reader.at });
  }

  #function(reader: ByteReader): void {
    const at = reader.at;
    const type = reader.u32();
    if (type >= this.#types.length) reader.fail("has a function of a type that is not there", at);
    this.#functionTypes.push(type);
  }

  #table(reader: ByteReader): void {
    const at = reader.at;
    if (reader.bytes[at] === 0x40)
      reader.fail("has a table with a first value, which is refused", at);
    const type = readReferenceType(reader);
    const bounds = this.#bounds(reader, "table");
    this.#tables.push({ type, bounds });
    const elements = this.#tables.reduce((sum, table) => sum + table.bounds.min, 0);
    const allowed = this.#limits.maxTableElements;
    if (elements > allowed)
      reader.fail(`has tables of ${elements} elements, and ${allowed} are allowed`, at);
  }

  #definedMemory(reader: ByteReader): void {
    this.#addMemory(reader);
  }

  #addMemory(reader: ByteReader): void {
    const at = reader.at;
    if (this.#memory !== undefined) reader.fail(MULTIPLE_MEMORIES, at);
    const memory = this.#bounds(reader, "memory");
    const allowed = this.#limits.maxMemoryPages;
    if ((memory.max ?? 0) > 65_536) reader.fail("has a memory of more than 4 GiB", at);
    if (memory.min > allowed)
      reader.fail(
        `begins with ${memory.min} pages of memory (64 KiB each), and ${allowed} are allowed: give it a larger memory limit`,
        at,
      );
    this.#memory = memory;
  }

  #bounds(reader: ByteReader, what: string): Bounds {
    const at = reader.at;
    const flags = reader.byte();
    if ((flags & 2) !== 0) reader.fail(`has a shared ${what}: threads are refused`, at);
    if ((flags & 4) !== 0)
      reader.fail(`has a 64-bit ${what}, which is refused: build it for wasm32`, at);
    if ((flags & ~1) !== 0) reader.fail(`has a ${what} with unknown flags ${flags}`, at);
    const min = reader.u32();
    const max = flags === 1 ? reader.u32() : undefined;
    if (max !== undefined && max < min)
      reader.fail(`has a ${what} of at least ${min} and at most ${max}`, at);
    return { min, max };
  }

  #globalType(reader: ByteReader): GlobalEntry {
    const type = readValueType(reader);
    const at = reader.at;
    const mutable = reader.byte();
    if (mutable > 1) reader.fail("has a global that is neither mutable nor not", at);
    return { type, mutable: mutable === 1 };
  }

  #global(reader: ByteReader): void {
    this.#globals.push(this.#globalType(reader));
    skipConstantExpression(reader, this.#spaces());
  }

  #export(reader: ByteReader): void {
    const at = reader.at;
    const name = reader.name();
    if (name.startsWith(PRIVATE_PREFIX))
      reader.fail(`exports "${name}", a name kept for the sandbox`, at);
    const code = reader.byte();
    const kind = KINDS[code] ?? reader.fail(`has an unknown kind of export ${code}`, at);
    const index = reader.u32();
    if (index >= this.#count(kind))
      reader.fail(`exports "${name}", a ${kind} that is not there`, at);
    this.#exports.push({ name, kind, index });
  }

  /** How many it has of a kind, imported ones with it. */
  #count(kind: ExternKind): number {
    if (kind === "function") return this.#functionTypes.length;
    if (kind === "table") return this.#tables.length;
    if (kind === "memory") return this.#memory === undefined ? 0 : 1;
    return this.#importedGlobals + this.#globals.length;
  }

  #spaces(): IndexSpaces {
    return { functions: this.#count("function"), globals: this.#count("global") };
  }

  #readStart(): void {
    const reader = this.#sections.get(SECTION.start)?.fork();
    if (reader === undefined) return;
    const at = reader.at;
    const start = reader.u32();
    const type = this.#types[this.#functionTypes[start] ?? -1];
    if (type === undefined || type.params.length + type.results.length > 0)
      reader.fail("has a start function that is not there, or takes or gives something", at);
    this.#start = start;
    if (!reader.done) reader.fail("has more in its start section than one function");
  }

  #readElements(): void {
    let elements = 0;
    const spaces = this.#spaces();
    const allowed = this.#limits.maxTableElements;
    this.#each(SECTION.element, this.#limits.maxSegments, "element segments", (reader) => {
      const at = reader.at;
      const flags = reader.u32();
      if (flags > 7) reader.fail("has an element segment with unknown flags", at);
      const active = (flags & 1) === 0;
      if (active) {
        if ((flags & 2) !== 0) reader.u32();
        skipConstantExpression(reader, spaces);
      }
      const expressions = (flags & 4) !== 0;
      if ((flags & 3) !== 0) {
        if (expressions) readReferenceType(reader);
        else if (reader.byte() !== 0) reader.fail("has elements of an unknown kind", at);
      }
      const count = reader.u32();
      elements += count;
      if (elements > allowed)
        reader.fail(`has element segments of more than ${allowed} elements`, at);
      for (let i = 0; i < count; i++) {
        if (expressions) skipConstantExpression(reader, spaces);
        else if (reader.u32() >= spaces.functions)
          reader.fail("has an element that is no function of it", at);
      }
    });
  }

  #readData(): void {
    const allowed = this.#limits.maxDataBytes;
    const spaces = this.#spaces();
    this.#each(SECTION.data, this.#limits.maxSegments, "data segments", (reader) => {
      const at = reader.at;
      const flags = reader.u32();
      if (flags > 2) reader.fail("has a data segment with unknown flags", at);
      if (flags === 2 && reader.u32() !== 0) reader.fail(MULTIPLE_MEMORIES, at);
      if (flags !== 1) {
        if (this.#memory === undefined) reader.fail("has data for a memory it has not", at);
        skipConstantExpression(reader, spaces);
      }
      const length = reader.u32();
      this.#dataBytes += length;
      if (this.#dataBytes > allowed)
        reader.fail(`has data segments of more than ${allowed} bytes`, at);
      reader.skip(length);
    });
  }
}
