import { GuestError } from "../../errors.ts";
import type { Abi, Guest } from "../abi.ts";
import { EXTISM_MODULE, KEY_VALUE_MODULE, WASI_MODULE } from "../detect-abi.ts";
import { GuestMemory } from "../guest-memory.ts";
import { keyValueImports } from "../key-value-imports.ts";
import { payloadBytes } from "../payload-bytes.ts";
import { stoppable } from "../stoppable.ts";
import { wasiImports } from "../wasi/wasi-imports.ts";
import { WasiProcess } from "../wasi/wasi-process.ts";
import { hostImports } from "./host-imports.ts";
import { HttpState } from "./http-state.ts";
import { Kernel } from "./kernel.ts";
import { Variables } from "./variables.ts";

/** What belongs to one instance. */
interface ExtismInstance {
  readonly kernel: Kernel;
  readonly variables: Variables;
  readonly http: HttpState;
  readonly process: WasiProcess;
}

const NOTHING = new Uint8Array(0);
const decoder = new TextDecoder();

/**
 * The ABI of Extism's PDKs (extism.org): an export without parameters reads its input and sets its output by
 * functions of the host, and has failed when it gives another number than 0. Between calls it keeps its
 * variables only where the sandbox keeps the instance.
 */
export const extism: Abi = {
  name: "extism",
  lends: true,
  link(guest) {
    const instance: ExtismInstance = {
      kernel: kernelOf(guest),
      variables: new Variables(),
      http: new HttpState(),
      process: new WasiProcess(guest),
    };
    guest.scratch = instance;
    instance.process.begin(NOTHING, 0);
    const memory = new GuestMemory(guest);
    const { kernel, variables, http, process } = instance;
    return {
      [EXTISM_MODULE]: {
        // They are the guest's own as much as the host's, and none takes long.
        ...kernel.functions,
        ...stoppable(guest, hostImports(guest, kernel, variables, http)),
      },
      [WASI_MODULE]: stoppable(guest, wasiImports(guest, memory, process)),
      [KEY_VALUE_MODULE]: stoppable(guest, keyValueImports(guest, memory)),
    };
  },
  start(guest) {
    // Haskell's runtime first, then a reactor of whatever language.
    for (const name of ["hs_init", "_initialize", "__wasm_call_ctors"]) {
      const initialize = guest.exports[name];
      if (typeof initialize !== "function" || initialize.length > 2) continue;
      if (name === "hs_init") initialize(0, 0);
      else initialize();
      return;
    }
  },
  call(guest, entry, input) {
    const { kernel, http, process } = guest.scratch as ExtismInstance;
    const run = guest.exports[entry];
    if (typeof run !== "function") throw noSuchFunction(guest, entry);
    if (run.length > 0) {
      throw new GuestError(
        `the export ${JSON.stringify(entry)} takes parameters: it is none to call`,
      );
    }
    const bytes = payloadBytes(input);
    if (!kernel.begin(bytes)) {
      throw new GuestError(`there is no room for an input of ${bytes.byteLength} bytes`);
    }
    http.reset();
    const result: unknown = run();
    process.finish();
    const message = kernel.error();
    if (message !== undefined || (result !== undefined && Number(result) !== 0)) {
      throw new GuestError(
        message === undefined ? `${entry} gave ${String(result)}` : decoder.decode(message),
      );
    }
    return kernel.output();
  },
  reset(guest) {
    const { kernel, variables, http, process } = guest.scratch as ExtismInstance;
    // The kernel itself is wiped when the next call begins, before its guest runs. A large one goes with its instance.
    if (kernel.isLarge) return false;
    variables.clear();
    http.reset();
    process.begin(NOTHING, 0);
    return true;
  },
};

/**
 * The kernel of a new instance. A memory is dear, as the engine collects garbage before it gives one, and what lies in
 * a kernel is for one call: so all instances of a sandbox have the same one, until it has grown large.
 */
function kernelOf({ common, limits }: Guest): Kernel {
  const last = common.scratch as Kernel | undefined;
  if (last !== undefined && !last.isLarge) return last;
  const kernel = new Kernel(limits.memoryBytes);
  common.scratch = kernel;
  return kernel;
}

function noSuchFunction(guest: Guest, entry: string): GuestError {
  const names = Object.entries(guest.exports)
    .filter(([name, value]) => typeof value === "function" && !/^_|^sluice:/.test(name))
    .map(([name]) => name);
  const exported = names.slice(0, 10).join(", ") || "none";
  return new GuestError(
    `the module exports no function ${JSON.stringify(entry)}: it exports ${exported}`,
  );
}
