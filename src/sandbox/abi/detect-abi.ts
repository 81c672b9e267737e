import type { AbiName } from "./abi.ts";

/** The modules by whose names guests import what an ABI has. */
export const EXTISM_MODULE = "extism:host/env";
export const HTTP_WASM_MODULE = "http_handler";
export const WASI_MODULE = "wasi_snapshot_preview1";
export const KEY_VALUE_MODULE = "key_value";

/** The import modules that each ABI answers. The first is its own; others, such as WASI's, serve guests of several. */
export const importModules: Readonly<Record<AbiName, readonly string[]>> = {
  extism: [EXTISM_MODULE, WASI_MODULE, KEY_VALUE_MODULE],
  "http-wasm": [HTTP_WASM_MODULE, WASI_MODULE, KEY_VALUE_MODULE],
  wasi: [WASI_MODULE, KEY_VALUE_MODULE],
  plain: [],
};

/**
 * The ABI that a module was written for, told by the modules it imports from.
 * @returns undefined when one of them belongs to none
 */
export function detectAbi(modules: Iterable<string>): AbiName | undefined {
  const wanted = new Set(modules);
  if (wanted.size === 0) return "plain";
  const names = Object.keys(importModules) as AbiName[];
  const all = (abi: AbiName): boolean =>
    [...wanted].every((name) => importModules[abi].includes(name));
  const own = (abi: AbiName): boolean => wanted.has(importModules[abi][0] ?? "");
  return names.find((abi) => own(abi) && all(abi)) ?? names.find(all);
}
