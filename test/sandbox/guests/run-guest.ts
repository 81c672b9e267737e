import { instrument } from "../../../src/sandbox/module/instrument.ts";
import type { Instrumented } from "../../../src/sandbox/module/instrument.ts";
import type { ModuleLimits } from "../../../src/sandbox/module/limits.ts";
import {
  BUDGET_EXPORT,
  CELL_IMPORT,
  FUEL_EXPORT,
  MEMORY_IMPORT,
  PRIVATE_MODULE,
} from "../../../src/sandbox/module/private-names.ts";

export interface RunningGuest {
  readonly instrumented: Instrumented;
  readonly instance: WebAssembly.Instance;
  /** Its own memory. */
  readonly memory: WebAssembly.Memory | undefined;
  /** The i32 that stops it when it is negative. */
  readonly cell: Int32Array;
  /** Calls an export. */
  call(name: string, ...args: readonly unknown[]): unknown;
  /** What it may spend from now on, in units. */
  setBudget(units: bigint): void;
  budget(): bigint;
}

/** A guest, instrumented, in this thread; its start function is not yet called. */
export function runGuest(
  bytes: Uint8Array,
  imports: WebAssembly.Imports = {},
  limits?: ModuleLimits,
): RunningGuest {
  const instrumented = instrument(bytes, limits);
  const { minPages, maxPages } = instrumented.memory ?? { minPages: 0, maxPages: 0 };
  const memory =
    instrumented.memory && new WebAssembly.Memory({ initial: minPages, maximum: maxPages });
  const cell = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const own: WebAssembly.ModuleImports = { [CELL_IMPORT]: cell };
  if (memory) own[MEMORY_IMPORT] = memory;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(instrumented.bytes), {
    ...imports,
    [PRIVATE_MODULE]: own,
  });
  const global = (name: string): WebAssembly.Global =>
    instance.exports[name] as unknown as WebAssembly.Global;
  return {
    instrumented,
    instance,
    memory,
    cell: new Int32Array(cell.buffer),
    call: (name, ...args) => (instance.exports[name] as (...args: unknown[]) => unknown)(...args),
    setBudget(units) {
      global(BUDGET_EXPORT).value = units;
      global(FUEL_EXPORT).value = 0;
    },
    budget: () => global(BUDGET_EXPORT).value as bigint,
  };
}
