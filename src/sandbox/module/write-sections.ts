import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { Layout } from "./layout.ts";
import { HELPER_TYPES, TYPE_OF_HELPER } from "./layout.ts";
import type { ModuleLimits } from "./limits.ts";
import type { ExternKind } from "./module-info.ts";
import type { ModuleStructure } from "./module-structure.ts";
import { SECTION } from "./module-structure.ts";
import {
  BUDGET_EXPORT,
  CELL_IMPORT,
  DENIED_EXPORT,
  FUEL_EXPORT,
  MEMORY_IMPORT,
  PRIVATE_MODULE,
  START_EXPORT,
} from "./private-names.ts";

const I32 = 0x7f;
const I64 = 0x7e;
const KIND: Readonly<Record<ExternKind, number>> = { function: 0, table: 1, memory: 2, global: 3 };

/** Copies a section as it is, when there is one. */
export function copySection(writer: ByteWriter, module: ModuleStructure, id: number): void {
  const section = module.sections.get(id);
  if (section !== undefined) writer.section(id, () => copyRest(writer, section));
}

function copyRest(writer: ByteWriter, reader: ByteReader): void {
  writer.copy(reader.bytes, reader.at, reader.end);
}

/** Copies the entries of a section, after the count that a caller writes anew. */
function copyEntries(writer: ByteWriter, module: ModuleStructure, id: number): void {
  const reader = module.sections.get(id)?.fork();
  if (reader === undefined) return;
  reader.u32();
  copyRest(writer, reader);
}

/** The guest's types, and those of the helpers. */
export function writeTypes(writer: ByteWriter, module: ModuleStructure): void {
  writer.section(SECTION.type, () => {
    writer.u32(module.types.length + HELPER_TYPES.length);
    copyEntries(writer, module, SECTION.type);
    for (const { params, results } of HELPER_TYPES) {
      writer.byte(0x60);
      for (const count of [params, results]) {
        writer.u32(count);
        for (let i = 0; i < count; i++) writer.byte(I32);
      }
    }
  });
}

/** The guest's imports but a memory, then its memory, imported or its own, then the stop cell. */
export function writeImports(
  writer: ByteWriter,
  module: ModuleStructure,
  memory: { readonly minPages: number; readonly maxPages: number } | undefined,
): void {
  const kept = module.imports.filter((entry) => entry.kind !== "memory");
  const memoryImport = (name: string, flags: number, min: number, max: number): void => {
    writer.name(PRIVATE_MODULE);
    writer.name(name);
    writer.byte(KIND.memory);
    writer.byte(flags);
    writer.u32(min);
    writer.u32(max);
  };
  writer.section(SECTION.import, () => {
    writer.u32(kept.length + (memory === undefined ? 1 : 2));
    for (const entry of kept) writer.copy(module.bytes, entry.from, entry.to);
    if (memory !== undefined) memoryImport(MEMORY_IMPORT, 1, memory.minPages, memory.maxPages);
    memoryImport(CELL_IMPORT, 3, 1, 1);
  });
}

/** The types of the guest's functions and of the helpers. */
export function writeFunctions(
  writer: ByteWriter,
  module: ModuleStructure,
  layout: Layout,
  helpers: readonly (keyof typeof TYPE_OF_HELPER)[],
): void {
  writer.section(SECTION.function, () => {
    writer.u32(module.functionTypes.length - module.importedFunctions + helpers.length);
    copyEntries(writer, module, SECTION.function);
    for (const helper of helpers) writer.u32(layout.firstType + TYPE_OF_HELPER[helper]);
  });
}

/** The guest's tables. What all of them begin with and may grow by is within the limit together. */
export function writeTables(
  writer: ByteWriter,
  module: ModuleStructure,
  limits: ModuleLimits,
): void {
  const { tables } = module;
  if (tables.length === 0) return;
  const first = tables.reduce((sum, { bounds }) => sum + bounds.min, 0);
  const growth = Math.floor((limits.maxTableElements - first) / tables.length);
  writer.section(SECTION.table, () => {
    writer.u32(tables.length);
    for (const { type, bounds } of tables) {
      writer.byte(type === "funcref" ? 0x70 : 0x6f);
      writer.byte(1);
      writer.u32(bounds.min);
      writer.u32(Math.min(bounds.max ?? Infinity, bounds.min + growth));
    }
  });
}

/** The guest's globals, then the fuel, the budget, and whether memory was refused. */
export function writeGlobals(writer: ByteWriter, module: ModuleStructure): void {
  writer.section(SECTION.global, () => {
    writer.u32(module.globals.length + 3);
    copyEntries(writer, module, SECTION.global);
    writer.raw([I32, 1, 0x41, 0, 0x0b]);
    // The largest i64.
    writer.raw([I64, 1, 0x42, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x0b]);
    writer.raw([I32, 1, 0x41, 0, 0x0b]);
  });
}

/** The guest's exports, its mutable globals, its start function, and the fuel. */
export function writeExports(
  writer: ByteWriter,
  module: ModuleStructure,
  layout: Layout,
  globals: readonly { readonly name: string; readonly index: number }[],
): void {
  const own: { name: string; kind: ExternKind; index: number }[] = [
    ...globals.map(({ name, index }) => ({ name, kind: "global" as const, index })),
    { name: FUEL_EXPORT, kind: "global", index: layout.fuelGlobal },
    { name: BUDGET_EXPORT, kind: "global", index: layout.budgetGlobal },
    { name: DENIED_EXPORT, kind: "global", index: layout.deniedGlobal },
  ];
  if (module.start !== undefined)
    own.push({ name: START_EXPORT, kind: "function", index: module.start });
  writer.section(SECTION.export, () => {
    writer.u32(module.exports.length + own.length);
    copyEntries(writer, module, SECTION.export);
    for (const { name, kind, index } of own) {
      writer.name(name);
      writer.byte(KIND[kind]);
      writer.u32(index);
    }
  });
}

/** The names of functions, which stay right, so that a trap's stack can be read. */
export function writeNames(writer: ByteWriter, module: ModuleStructure): void {
  const names = module.customs.get("name");
  if (names === undefined) return;
  writer.section(SECTION.custom, () => {
    writer.name("name");
    copyRest(writer, names);
  });
}
