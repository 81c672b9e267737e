import type { ExportInfo, FunctionType, ImportInfo } from "../module/module-info.ts";
import type { AbiName } from "./abi.ts";
import { importModules } from "./detect-abi.ts";
import { HANDLE_REQUEST, HANDLE_RESPONSE } from "./http-message.ts";
import { IMPORT_NAMES } from "./import-names.ts";

/** What {@link misfit} looks at. */
interface Shape {
  readonly imports: readonly ImportInfo[];
  readonly exports: readonly ExportInfo[];
}

/** How the host calls what it calls by name. */
const ENTRIES: Partial<Record<AbiName, Readonly<Record<string, FunctionType>>>> = {
  "http-wasm": {
    [HANDLE_REQUEST]: { params: [], results: ["i64"] },
    [HANDLE_RESPONSE]: { params: ["i32", "i32"], results: [] },
  },
  wasi: { _start: { params: [], results: [] } },
};

/**
 * Why a module cannot be a guest of an ABI, whatever it is called with: it imports what the ABI does not have, or its
 * entry takes or gives something else. Told before it runs, and not by its first request.
 */
export function misfit({ imports, exports }: Shape, abi: AbiName): string | undefined {
  const offered = importModules[abi];
  const missing = imports.filter(
    ({ module, name }) => !offered.includes(module) || IMPORT_NAMES.get(module)?.has(name) !== true,
  );
  if (missing.length > 0) {
    const names = missing.slice(0, 5).map(({ module, name }) => `${module}.${name}`);
    const more = missing.length > 5 ? ` and ${missing.length - 5} more` : "";
    return `the module imports ${names.join(", ")}${more}, which the ABI "${abi}" does not have`;
  }
  for (const [name, wanted] of Object.entries(ENTRIES[abi] ?? {})) {
    const type = exports.find((one) => one.name === name)?.type;
    if (type === undefined || signature(type) === signature(wanted)) continue;
    return `${name} must be ${signature(wanted)} in the ABI "${abi}", not ${signature(type)}`;
  }
  return undefined;
}

/** As `sluice wasm inspect` shows it. */
export function signature({ params, results }: FunctionType): string {
  return `(${params.join(", ")})${results.length === 0 ? "" : ` -> ${results.join(", ")}`}`;
}
