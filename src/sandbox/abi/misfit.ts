import type { ExportInfo, FunctionType, ImportInfo } from "../module/module-info.ts";
import type { AbiName } from "./abi.ts";
import { importModules } from "./detect-abi.ts";
import { HANDLE_REQUEST, HANDLE_RESPONSE } from "./http-message.ts";
import { hostFunctions } from "./host-signatures.ts";

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
  const missing: string[] = [];
  for (const { module, name, kind, type } of imports) {
    const offered = importModules[abi].includes(module) ? hostFunctions.get(module) : undefined;
    const wanted = offered?.get(name);
    if (wanted === undefined || kind !== "function" || type === undefined) {
      missing.push(`${module}.${name}`);
    } else if (signature(type) !== signature(wanted)) {
      return `the module imports ${module}.${name} as ${signature(type)}, and it is ${signature(wanted)}`;
    }
  }
  if (missing.length > 0) {
    const more = missing.length > 5 ? ` and ${missing.length - 5} more` : "";
    return `the module imports ${missing.slice(0, 5).join(", ")}${more}, which the ABI "${abi}" does not have`;
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
