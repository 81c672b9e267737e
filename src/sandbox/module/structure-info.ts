import type { ExportInfo, FunctionType, ImportInfo } from "./module-info.ts";
import type { ModuleStructure } from "./module-structure.ts";
import { SECTION } from "./module-structure.ts";

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
  const empty = emptyFunctions(module);
  return module.exports.map(({ name, kind, index }) => {
    const isFunction = kind === "function";
    const type = isFunction ? functionType(module, index) : undefined;
    return {
      name,
      kind,
      ...(type === undefined ? {} : { type }),
      ...(isFunction && empty.has(index) ? { isEmpty: true as const } : {}),
    };
  });
}

/** Functions without locals and instructions: two bytes, no locals and `end`. */
function emptyFunctions(module: ModuleStructure): ReadonlySet<number> {
  const found = new Set<number>();
  const code = module.sections.get(SECTION.code)?.fork();
  if (code === undefined) return found;
  const count = code.u32();
  for (let i = 0; i < count; i++) {
    const size = code.u32();
    if (size === 2 && code.fork().byte() === 0) found.add(module.importedFunctions + i);
    code.skip(size);
  }
  return found;
}

function functionType(module: ModuleStructure, index: number): FunctionType | undefined {
  return module.types[module.functionTypes[index] ?? -1];
}

/** The first name the guest exports its memory by. */
export function memoryExport(module: ModuleStructure): string | undefined {
  return module.exports.find((entry) => entry.kind === "memory")?.name;
}
