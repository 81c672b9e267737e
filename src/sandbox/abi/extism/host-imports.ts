import { GuestError } from "../../errors.ts";
import type { Guest, HostRequest, LogLevel } from "../abi.ts";
import type { HttpState } from "./http-state.ts";
import type { Kernel } from "./kernel.ts";
import type { Variables } from "./variables.ts";

type Imports = Record<string, (...args: never[]) => unknown>;

/** The numbers of Extism's levels, as `get_log_level` gives them. */
const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];
const LEVEL_OFF = 0x7fff_ffff;
const MAX_NAME_BYTES = 64 * 1024;
/** Of a request but its body, as JSON: more than the fields that it may have. */
const MAX_REQUEST_BYTES = 256 * 1024;
const MAX_LOG_BYTES = 32 * 1024;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The functions of `extism:host/env` that are not the kernel's own. */
export function hostImports(
  guest: Guest,
  kernel: Kernel,
  variables: Variables,
  http: HttpState,
): Imports {
  const { host } = guest;

  const textOf = (handle: bigint, what: string, most = MAX_NAME_BYTES): string => {
    const bytes = kernel.block(handle, most + 1);
    if (bytes === undefined) throw new GuestError(`${what} was given a handle of no block`);
    if (bytes.byteLength > most) {
      throw new GuestError(`${what} was given a text of more than ${most} bytes`);
    }
    return decoder.decode(bytes);
  };
  const put = (bytes: Uint8Array): bigint => {
    const handle = kernel.put(bytes);
    if (handle === 0n && bytes.byteLength > 0) {
      throw new GuestError(`there is no room for ${bytes.byteLength} bytes from the host`);
    }
    return handle;
  };
  const log = (level: LogLevel) => (handle: bigint) => {
    if (!host.logs(level)) return;
    const bytes = kernel.block(handle, MAX_LOG_BYTES);
    if (bytes === undefined) throw new GuestError(`log_${level} was given a handle of no block`);
    host.log(level, decoder.decode(bytes));
  };

  return {
    log_trace: log("trace"),
    log_debug: log("debug"),
    log_info: log("info"),
    log_warn: log("warn"),
    log_error: log("error"),
    get_log_level() {
      const least = LEVELS.findIndex((level) => host.logs(level));
      return least < 0 ? LEVEL_OFF : least;
    },

    config_get(name: bigint) {
      const value = host.config.get(textOf(name, "config_get"));
      return value === undefined ? 0n : put(encoder.encode(value));
    },
    var_get(name: bigint) {
      const value = variables.get(textOf(name, "var_get"));
      return value === undefined ? 0n : put(value);
    },
    var_set(name: bigint, value: bigint) {
      const key = textOf(name, "var_set");
      if (value === 0n) {
        variables.delete(key);
        return;
      }
      const bytes = kernel.block(value);
      if (bytes === undefined) throw new GuestError("var_set was given a handle of no block");
      if (!variables.set(key, bytes)) {
        throw new GuestError(
          `there is no room for the variable ${JSON.stringify(key.slice(0, 80))}`,
        );
      }
    },

    http_request(request: bigint, body: bigint) {
      const bytes = body === 0n ? new Uint8Array(0) : kernel.block(body);
      if (bytes === undefined) throw new GuestError("http_request was given a body of no block");
      const text = textOf(request, "http_request", MAX_REQUEST_BYTES);
      const response = host.request(readRequest(text, bytes));
      http.keep(response);
      return put(response.body);
    },
    http_status_code: () => http.status,
    http_headers: () => put(encoder.encode(JSON.stringify(http.asObject()))),
  };
}

/** The JSON that PDKs write: `{ "url": …, "method": …, "headers": { … } }`; method was once called verb. */
function readRequest(text: string, body: Uint8Array): HostRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GuestError("http_request was given a request that is no JSON");
  }
  const { url, method, verb, headers, header } = (value ?? {}) as Record<string, unknown>;
  if (typeof url !== "string")
    throw new GuestError("http_request was given a request without a url");
  const given = method ?? verb ?? "GET";
  if (typeof given !== "string")
    throw new GuestError("http_request was given a method that is no text");
  const fields = Object.entries((headers ?? header ?? {}) as Record<string, unknown>);
  return {
    method: given.toUpperCase(),
    url,
    headers: fields.map(([name, field]) => [name, String(field)] as const),
    body,
  };
}
