import { GuestError } from "../../errors.ts";
import type { Abi, Guest, Payload, PlainData } from "../abi.ts";
import { HTTP_WASM_MODULE, KEY_VALUE_MODULE, WASI_MODULE } from "../detect-abi.ts";
import { GuestMemory } from "../guest-memory.ts";
import type { HttpRequestOutcome, HttpResponseOutcome } from "../http-message.ts";
import {
  asHttpRequest,
  asHttpResponse,
  HANDLE_REQUEST,
  HANDLE_RESPONSE,
  HTTP_FEATURES,
} from "../http-message.ts";
import { keyValueImports } from "../key-value-imports.ts";
import { stoppable } from "../stoppable.ts";
import { ExitSignal } from "../wasi/exit-signal.ts";
import { wasiImports } from "../wasi/wasi-imports.ts";
import { WasiProcess } from "../wasi/wasi-process.ts";
import type { HandlerState } from "./handler-imports.ts";
import { handlerImports } from "./handler-imports.ts";
import { HttpExchange } from "./http-exchange.ts";

/** What belongs to one instance. */
interface HttpWasmInstance extends HandlerState {
  readonly process: WasiProcess;
}

const NOTHING = new Uint8Array(0);

/**
 * The http-wasm handler ABI, for handlers and middleware. Entries are `handle_request`, with a request and for
 * its outcome, `handle_response`, with an answer and for what became of it, and `http_features`.
 */
export const httpWasm: Abi = {
  name: "http-wasm",
  link(guest) {
    const process = new WasiProcess(guest);
    process.begin(NOTHING, 0);
    const instance: HttpWasmInstance = { process, features: 0, exchange: undefined };
    guest.scratch = instance;
    const memory = new GuestMemory(guest);
    return {
      [HTTP_WASM_MODULE]: stoppable(guest, handlerImports(guest, memory, instance)),
      [WASI_MODULE]: stoppable(guest, wasiImports(guest, memory, process)),
      [KEY_VALUE_MODULE]: stoppable(guest, keyValueImports(guest, memory)),
    };
  },
  start(guest) {
    // Languages whose `main` registers the handler end it, others have an initialiser.
    const { _start: main, _initialize: initialize } = guest.exports;
    const run = main ?? initialize;
    if (typeof run !== "function") return;
    try {
      run();
    } catch (error) {
      if (error instanceof ExitSignal && error.exitCode === 0) return;
      if (!(error instanceof ExitSignal)) throw error;
      throw new GuestError(`the module ended with exit code ${error.exitCode} at its start`);
    }
  },
  call(guest, entry, input) {
    const instance = guest.scratch as HttpWasmInstance;
    switch (entry) {
      case HANDLE_REQUEST:
        return handleRequest(guest, exported(guest.exports, entry), input);
      case HANDLE_RESPONSE:
        return handleResponse(guest, exported(guest.exports, entry), input);
      case HTTP_FEATURES:
        return instance.features;
      default:
        throw new GuestError(
          `a module for HTTP is called by ${HANDLE_REQUEST} and ${HANDLE_RESPONSE}, not by ${JSON.stringify(entry)}`,
        );
    }
  },
  reset(guest) {
    const instance = guest.scratch as HttpWasmInstance;
    instance.exchange = undefined;
    instance.process.begin(NOTHING, 0);
    return true;
  },
};

type GuestFunction = (...args: number[]) => unknown;

function exported(exports: Readonly<Record<string, unknown>>, name: string): GuestFunction {
  const found = exports[name];
  if (typeof found === "function") return found as GuestFunction;
  throw new GuestError(`the module exports no ${name}: http-wasm asks for it`);
}

function handleRequest(guest: Guest, run: GuestFunction, input: Payload): Payload {
  const instance = guest.scratch as HttpWasmInstance;
  const most = guest.limits.outputBytes;
  const exchange = new HttpExchange(most, asHttpRequest(input), instance.features);
  instance.exchange = exchange;
  const result = run();
  instance.exchange = undefined;
  instance.process.finish();
  if (typeof result !== "bigint") throw new GuestError("handle_request must give an i64");
  const outcome: HttpRequestOutcome = {
    // Without a context the number is 1 or 0, and costs no arithmetic of large ones.
    next: result === 1n || (result & 0xffff_ffffn) === 1n,
    context: result === 1n ? 0 : Number((result >> 32n) & 0xffff_ffffn),
    features: exchange.features,
    method: exchange.methodChanged ? exchange.method : undefined,
    uri: exchange.uriChanged ? exchange.uri : undefined,
    headers: exchange.requestHeaders.changed,
    body: exchange.requestBody.written,
    trailers: exchange.requestTrailers.changed,
    status: exchange.status,
    responseHeaders: exchange.responseHeaders.flat,
    responseBody: exchange.responseBody.written ?? NOTHING,
    responseTrailers: exchange.responseTrailers.flat,
  };
  return outcome as unknown as PlainData;
}

function handleResponse(guest: Guest, run: GuestFunction, input: Payload): Payload {
  const instance = guest.scratch as HttpWasmInstance;
  const most = guest.limits.outputBytes;
  const response = asHttpResponse(input);
  const exchange = new HttpExchange(most, response.request, response.features, response);
  instance.exchange = exchange;
  run(response.context, response.isError ? 1 : 0);
  instance.exchange = undefined;
  instance.process.finish();
  const outcome: HttpResponseOutcome = {
    status: exchange.statusChanged ? exchange.status : undefined,
    headers: exchange.responseHeaders.changed,
    body: exchange.responseBody.written,
    trailers: exchange.responseTrailers.changed,
  };
  return outcome as unknown as PlainData;
}
