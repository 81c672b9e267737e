import { GuestError } from "../../errors.ts";
import type { Abi, Guest, Payload, PlainData } from "../abi.ts";
import { KEY_VALUE_MODULE, WASI_MODULE } from "../detect-abi.ts";
import { GuestMemory } from "../guest-memory.ts";
import { asHttpRequest, HANDLE_REQUEST } from "../http-message.ts";
import { keyValueImports } from "../key-value-imports.ts";
import { payloadBytes } from "../payload-bytes.ts";
import { stoppable } from "../stoppable.ts";
import { cgiVariables, parseCgi } from "./cgi.ts";
import { ExitSignal } from "./exit-signal.ts";
import { wasiImports } from "./wasi-imports.ts";
import { WasiProcess } from "./wasi-process.ts";

/**
 * WASI preview 1, for plain programs. Each call runs `_start` (or another export without parameters) with the
 * input as stdin, and gives what was written to stdout. A program that ends with another code than 0 has
 * failed. With the entry `handle_request` it is a CGI program (RFC 3875).
 */
export const wasi: Abi = {
  name: "wasi",
  link(guest) {
    const memory = new GuestMemory(guest);
    const process = new WasiProcess(guest);
    process.begin(new Uint8Array(0), 0);
    guest.scratch = process;
    return {
      [WASI_MODULE]: stoppable(guest, wasiImports(guest, memory, process)),
      [KEY_VALUE_MODULE]: stoppable(guest, keyValueImports(guest, memory)),
    };
  },
  start(guest) {
    const initialize = guest.exports["_initialize"];
    if (typeof initialize === "function") initialize();
  },
  call(guest, entry, input) {
    const process = guest.scratch as WasiProcess;
    if (entry !== HANDLE_REQUEST || entry in guest.exports) {
      return run(guest, process, entry, payloadBytes(input), []);
    }
    const request = asHttpRequest(input);
    const body = request.body ?? new Uint8Array(0);
    const output = run(guest, process, "_start", body, cgiVariables(request));
    return parseCgi(output) as unknown as PlainData;
  },
  reset(guest) {
    (guest.scratch as WasiProcess).begin(new Uint8Array(0), 0);
    return true;
  },
};

function run(
  guest: Guest,
  process: WasiProcess,
  entry: string,
  stdin: Uint8Array,
  variables: readonly string[],
): Uint8Array & Payload {
  const program = guest.exports[entry];
  if (typeof program !== "function") {
    throw new GuestError(`the module exports no function ${JSON.stringify(entry)}`);
  }
  process.begin(stdin, guest.limits.outputBytes, variables);
  try {
    program();
  } catch (error) {
    if (!(error instanceof ExitSignal)) throw error;
    if (error.exitCode !== 0) {
      process.finish();
      throw new GuestError(`the program ended with exit code ${error.exitCode}`);
    }
  }
  return process.finish();
}
