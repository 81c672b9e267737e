import type { ModuleLimits } from "./limits.ts";
import { defaultModuleLimits } from "./limits.ts";
import type { ModuleInfo } from "./module-info.ts";
import { SECTION } from "./module-structure.ts";
import { readModule } from "./read-module.ts";
import { exportInfos, importInfos, memoryExport } from "./structure-info.ts";

/**
 * What a module is made of, without its code.
 *
 * @throws InvalidModule when it cannot be read, or is over the limits
 */
export function inspect(bytes: Uint8Array, limits: ModuleLimits = defaultModuleLimits): ModuleInfo {
  const module = readModule(bytes, limits);
  const code = module.sections.get(SECTION.code);
  const exported = memoryExport(module);
  return {
    bytes: bytes.length,
    imports: importInfos(module),
    exports: exportInfos(module),
    memory:
      module.memory === undefined
        ? undefined
        : {
            minPages: module.memory.min,
            maxPages: module.memory.max,
            ...(exported === undefined ? {} : { exported }),
          },
    tables: module.tables.map(({ bounds }) => bounds.min),
    functions: module.functionTypes.length - module.importedFunctions,
    globals: module.globals.length,
    dataBytes: module.dataBytes,
    codeBytes: code === undefined ? 0 : code.end - code.at,
    hasStart: module.start !== undefined,
    customSections: [...module.customs.keys()],
  };
}
