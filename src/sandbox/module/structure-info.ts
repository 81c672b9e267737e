import type { ExportInfo, FunctionType, ImportInfo } from "./module-info.ts";
import type { ModuleStructure } from "./module-structure.ts";

/** The imports of a module as its host sees them. */
export function importInfos(module: ModuleStructure): ImportInfo[] {
  return module.imports.map((entry) => ({
    module: entry.module,
    name: entry.name,
    kind: entry.kind,
    ...(entry.type === undefined ? {} : { type: entry.type }),
  }));
}

/** The exports of a module as its host sees them. */
export function exportInfos(module: ModuleStructure): ExportInfo[] {
  return module.exports.map(({ name, kind, index }) => {
    const type = kind === "function" ? functionType(module, index) : undefined;
    return { name, kind, ...(type === undefined ? {} : { type }) };
  });
}

function functionType(module: ModuleStructure, index: number): FunctionType | undefined {
  return module.types[module.functionTypes[index] ?? -1];
}

/** The first name the guest exports its memory by. */
export function memoryExport(module: ModuleStructure): string | undefined {
  return module.exports.find((entry) => entry.kind === "memory")?.name;
}
