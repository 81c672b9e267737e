import type { Abi, AbiName } from "./abi.ts";
import { plain } from "./plain/plain.ts";

/** Every ABI, the most particular first: a module is of the first that answers one of its imports. */
export const abis: readonly Abi[] = [plain];

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
  return abis.find((abi) => abi.modules.some((name) => wanted.has(name)) && all(abi));
}
