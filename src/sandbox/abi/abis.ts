import type { Abi, AbiName } from "./abi.ts";
import { extism } from "./extism/extism.ts";
import { httpWasm } from "./http-wasm/http-wasm.ts";
import { plain } from "./plain/plain.ts";
import { wasi } from "./wasi/wasi.ts";

/** Every ABI. The first of its import modules is its own; others, such as WASI's, serve guests of several. */
export const abis: readonly Abi[] = [extism, httpWasm, wasi, plain];

/** @throws RangeError for a name that is none */
export function abiByName(name: AbiName): Abi {
  const abi = abis.find((one) => one.name === name);
  if (abi === undefined) {
    const names = abis.map((one) => one.name).join(", ");
    throw new RangeError(`${JSON.stringify(name)} is no ABI: use one of ${names}`);
  }
  return abi;
}

/**
 * The ABI that a module was written for, told by the modules it imports from.
 * @returns undefined when one of them belongs to none
 */
export function detectAbi(importModules: Iterable<string>): Abi | undefined {
  const wanted = new Set(importModules);
  if (wanted.size === 0) return plain;
  const all = (abi: Abi): boolean => [...wanted].every((name) => abi.modules.includes(name));
  const own = ({ modules: [name] }: Abi): boolean => name !== undefined && wanted.has(name);
  return abis.find((abi) => own(abi) && all(abi)) ?? abis.find(all);
}
