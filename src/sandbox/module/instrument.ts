import { ByteWriter } from "./byte-writer.ts";
import { HELPERS } from "./layout.ts";
import type { Layout } from "./layout.ts";
import type { ModuleLimits } from "./limits.ts";
import { defaultModuleLimits } from "./limits.ts";
import { writeMeteredCode } from "./meter-code.ts";
import type { CodeSpaces } from "./meter-function.ts";
import type { ExportInfo, ImportInfo, ValueType } from "./module-info.ts";
import type { ModuleStructure } from "./module-structure.ts";
import { SECTION } from "./module-structure.ts";
import { GLOBAL_EXPORT, START_EXPORT } from "./private-names.ts";
import { readModule } from "./read-module.ts";
import { exportInfos, importInfos, memoryExport } from "./structure-info.ts";
import {
  copySection,
  writeExports,
  writeFunctions,
  writeGlobals,
  writeImports,
  writeNames,
  writeTables,
  writeTypes,
} from "./write-sections.ts";

/** The memory that the host makes for an instance, as `new WebAssembly.Memory({ initial, maximum })` of these pages. */
export interface GuestMemory {
  readonly minPages: number;
  readonly maxPages: number;
  /** The first name the guest exports it by, if it does. */
  readonly exported?: string;
}

/** A mutable global of the guest, exported by the loader so that a snapshot can save and restore it. */
export interface GuestGlobal {
  readonly name: string;
  readonly type: ValueType;
}

/** A module that can be stopped and does not outgrow its limits, and what its host needs to run it. */
export interface Instrumented {
  /** What is compiled. Its private imports and exports have the names in `private-names.ts`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Functions and immutable globals the guest wants; a memory it wants is `memory`. */
  readonly imports: readonly ImportInfo[];
  readonly exports: readonly ExportInfo[];
  readonly memory: GuestMemory | undefined;
  /** The export to call first, under the limits of any call: the guest's start function. */
  readonly start: string | undefined;
  readonly globals: readonly GuestGlobal[];
  /**
   * What of a call would stay although memory and globals were restored, in words. When there is anything, a new
   * instance is needed where nothing may stay.
   */
  readonly lasting: readonly string[];
  /** Whether its code can write to its memory. Where it cannot, only host functions do. */
  readonly writes: boolean;
}

/**
 * Makes a module that its host can bound: fuel is counted at loops and at entries of functions, and about every
 * quarter of a million units a stop cell is looked at; bulk operations are charged by length and done in pieces; memory and tables
 * grow to a limit; the start function is taken out, to be called.
 *
 * What the guest's code names is held to what the guest has, so nothing that is appended can be named. Types are left
 * to the engine: what comes out is valid when what went in was.
 *
 * @param bytes a WebAssembly module, which is left as it is
 * @throws InvalidModule with a reason in words
 */
export function instrument(
  bytes: Uint8Array,
  limits: ModuleLimits = defaultModuleLimits,
): Instrumented {
  const module = readModule(bytes, limits);
  const functions = module.functionTypes.length - module.importedFunctions;
  const firstGlobal = module.importedGlobals + module.globals.length;
  const layout: Layout = {
    cellMemory: module.memory === undefined ? 0 : 1,
    fuelGlobal: firstGlobal,
    budgetGlobal: firstGlobal + 1,
    deniedGlobal: firstGlobal + 2,
    firstHelper: module.functionTypes.length,
    firstType: module.types.length,
  };
  const memory = guestMemory(module, limits);
  const helpers = memory === undefined ? HELPERS.slice(0, 3) : HELPERS;
  const globals = mutableGlobals(module);
  const lasting = new Set<string>();
  let writes = false;

  const writer = new ByteWriter(bytes.length + (bytes.length >> 1) + 4096);
  writer.raw([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  writeTypes(writer, module);
  writeImports(writer, module, memory);
  writeFunctions(writer, module, layout, helpers);
  writeTables(writer, module, limits);
  writeGlobals(writer, module);
  writeExports(writer, module, layout, globals);
  copySection(writer, module, SECTION.element);
  copySection(writer, module, SECTION.dataCount);
  writer.section(SECTION.code, () => {
    const code = module.sections.get(SECTION.code)?.fork();
    const change = { layout, limits, functions, spaces: spacesOf(module), lasting };
    writes = writeMeteredCode(writer, code, change);
  });
  copySection(writer, module, SECTION.data);
  writeNames(writer, module);
  for (const { type } of globals) if (type === "v128") lasting.add("a mutable vector global");
  return {
    bytes: writer.finish(),
    imports: importInfos(module).filter((entry) => entry.kind !== "memory"),
    exports: exportInfos(module),
    memory,
    start: module.start === undefined ? undefined : START_EXPORT,
    globals: globals
      .filter(({ type }) => type !== "v128")
      .map(({ name, type }) => ({ name, type })),
    lasting: [...lasting],
    writes,
  };
}

function guestMemory(module: ModuleStructure, limits: ModuleLimits): GuestMemory | undefined {
  if (module.memory === undefined) return undefined;
  const { min, max } = module.memory;
  const exported = memoryExport(module);
  return {
    minPages: min,
    maxPages: Math.min(max ?? Infinity, limits.maxMemoryPages),
    ...(exported === undefined ? {} : { exported }),
  };
}

function mutableGlobals(module: ModuleStructure): (GuestGlobal & { index: number })[] {
  return module.globals.flatMap(({ type, mutable }, i) => {
    const index = module.importedGlobals + i;
    return mutable ? [{ name: GLOBAL_EXPORT + index, type, index }] : [];
  });
}

function spacesOf(module: ModuleStructure): CodeSpaces {
  return {
    params: Uint8Array.from(module.types, ({ params }) => params.length),
    results: Uint8Array.from(module.types, ({ results }) => results.length),
    functionTypes: module.functionTypes,
    functions: module.functionTypes.length,
    globals: module.importedGlobals + module.globals.length,
    memory: module.memory !== undefined,
  };
}
