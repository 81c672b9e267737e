import type { Abi, AbiName } from "./abi.ts";
import { extism } from "./extism/extism.ts";
import { httpWasm } from "./http-wasm/http-wasm.ts";
import { plain } from "./plain/plain.ts";
import { wasi } from "./wasi/wasi.ts";

/** Every ABI. */
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
