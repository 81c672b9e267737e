import { GuestError } from "../../errors.ts";
import type { Guest, LogLevel } from "../abi.ts";
import type { GuestMemory } from "../guest-memory.ts";
import { HttpFeature } from "../http-message.ts";
import type { FieldList } from "./field-list.ts";
import type { HttpExchange } from "./http-exchange.ts";

type Imports = Record<string, (...args: never[]) => unknown>;

/** What the functions work on: it changes with each call. */
export interface HandlerState {
  /** What was enabled at the start, for every request. */
  features: number;
  exchange: HttpExchange | undefined;
}

const SUPPORTED = HttpFeature.bufferRequest | HttpFeature.bufferResponse | HttpFeature.trailers;

const KIND = { request: 0, response: 1, requestTrailers: 2, responseTrailers: 3 } as const;
const MAX_LOG_BYTES = 16 * 1024;
const MAX_NAME_BYTES = 4 * 1024;
const MAX_URI_BYTES = 64 * 1024;
const MAX_VALUE_BYTES = 64 * 1024;

/** http-wasm's levels begin at -1. */
function levelOf(level: number): LogLevel | undefined {
  return (["debug", "info", "warn", "error"] as const)[level + 1];
}

/** The functions of the http-wasm handler ABI (http-wasm.io/http-handler-abi). */
export function handlerImports(guest: Guest, memory: GuestMemory, state: HandlerState): Imports {
  const { host } = guest;
  const config = bytesOf(host.config);

  const current = (): HttpExchange => {
    if (state.exchange === undefined) {
      throw new GuestError("there is no request at the start of a module: wait for handle_request");
    }
    return state.exchange;
  };
  /** @throws GuestError once what is inside has been asked */
  const before = (what: string): HttpExchange => {
    const exchange = current();
    if (exchange.isPast) throw new GuestError(`${what} cannot be changed once the request is past`);
    return exchange;
  };
  /** @throws GuestError where the answer of what is inside is on its way already */
  const answer = (what: string): HttpExchange => {
    const exchange = current();
    if (exchange.isPast && (exchange.features & HttpFeature.bufferResponse) === 0) {
      throw new GuestError(`${what} needs the feature buffer_response: enable_features(2)`);
    }
    return exchange;
  };
  const toRead = (kind: number): FieldList | undefined => {
    const exchange = current();
    switch (kind) {
      case KIND.request:
        return exchange.requestHeaders;
      case KIND.response:
        return exchange.responseHeaders;
      case KIND.requestTrailers:
        return has(exchange, HttpFeature.trailers) ? exchange.requestTrailers : undefined;
      case KIND.responseTrailers:
        return has(exchange, HttpFeature.trailers) ? exchange.responseTrailers : undefined;
      default:
        throw new GuestError(`there is no kind ${kind} of headers`);
    }
  };
  const toChange = (kind: number): FieldList => {
    switch (kind) {
      case KIND.request:
        return before("a request header").requestHeaders;
      case KIND.response:
        return answer("changing a header of the answer").responseHeaders;
      case KIND.requestTrailers:
        return requestTrailers(before("a trailer of the request"));
      case KIND.responseTrailers:
        needTrailers(current());
        return answer("changing a trailer of the answer").responseTrailers;
      default:
        throw new GuestError(`there is no kind ${kind} of headers`);
    }
  };
  const latin = (pointer: number, length: number, most: number, what: string): string => {
    if (length >>> 0 > most) throw new GuestError(`${what} has at most ${most} bytes`);
    return memory.latin1(pointer, length);
  };
  const nameAt = (pointer: number, length: number): string => {
    if (length === 0) throw new GuestError("the name of a header is empty");
    return latin(pointer, length, MAX_NAME_BYTES, "the name of a header");
  };
  const valueAt = (pointer: number, length: number): string =>
    latin(pointer, length, MAX_VALUE_BYTES, "the value of a header");
  const write = (text: string, buf: number, limit: number): number =>
    memory.writeLatin1(buf, limit, text);
  const bodyOf = (kind: number, exchange: HttpExchange) => {
    if (kind === 0) return exchange.requestBody;
    if (kind === 1) return exchange.responseBody;
    throw new GuestError(`there is no kind ${kind} of bodies`);
  };

  return {
    enable_features(features: number) {
      const enabled = features & SUPPORTED;
      if (state.exchange === undefined) state.features |= enabled;
      else state.exchange.features |= enabled;
      return SUPPORTED;
    },
    get_config: (buf: number, limit: number) => memory.writeWithin(buf, limit, config),
    log(level: number, message: number, length: number) {
      const name = levelOf(level);
      if (name !== undefined && host.logs(name)) {
        host.log(name, memory.text(message, length, MAX_LOG_BYTES));
      }
    },
    log_enabled(level: number) {
      const name = levelOf(level);
      return name !== undefined && host.logs(name) ? 1 : 0;
    },

    get_method: (buf: number, limit: number) => write(current().method, buf, limit),
    set_method(method: number, length: number) {
      const exchange = before("the method");
      const value = latin(method, length, MAX_NAME_BYTES, "a method");
      if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)) {
        throw new GuestError(`${JSON.stringify(value)} is no method`);
      }
      exchange.method = value;
      exchange.methodChanged = true;
    },
    get_uri: (buf: number, limit: number) => write(current().uri, buf, limit),
    set_uri(uri: number, length: number) {
      const exchange = before("the URI");
      const value = latin(uri, length, MAX_URI_BYTES, "a URI");
      if (!/^(?:\/[\x21-\x7e]*|\*)?$/.test(value) || value.includes("#")) {
        throw new GuestError(`${JSON.stringify(value.slice(0, 80))} is no path with a query`);
      }
      exchange.uri = value === "" ? "/" : value;
      exchange.uriChanged = true;
    },
    get_protocol_version: (buf: number, limit: number) =>
      write(current().request.protocol, buf, limit),
    get_source_addr: (buf: number, limit: number) => write(current().request.source, buf, limit),

    get_header_names: (kind: number, buf: number, limit: number) =>
      writeList(memory, toRead(kind)?.names() ?? [], buf, limit),
    get_header_values(kind: number, name: number, length: number, buf: number, limit: number) {
      const list = toRead(kind);
      const values = list?.values(nameAt(name, length)) ?? [];
      return writeList(memory, values, buf, limit);
    },
    set_header_value(kind: number, name: number, length: number, value: number, bytes: number) {
      toChange(kind).set(nameAt(name, length), valueAt(value, bytes));
    },
    add_header_value(kind: number, name: number, length: number, value: number, bytes: number) {
      toChange(kind).add(nameAt(name, length), valueAt(value, bytes));
    },
    remove_header(kind: number, name: number, length: number) {
      toChange(kind).remove(nameAt(name, length));
    },

    read_body(kind: number, buf: number, limit: number) {
      if (limit === 0) throw new GuestError("read_body was given a buffer of 0 bytes");
      const exchange = kind === 1 ? answer("reading the body of the answer") : current();
      const { eof, bytes } = bodyOf(kind, exchange).read(memory.range(buf, limit));
      return pair(eof ? 1 : 0, bytes);
    },
    write_body(kind: number, body: number, length: number) {
      const exchange =
        kind === 0 ? before("the body of the request") : answer("writing the body of the answer");
      bodyOf(kind, exchange).write(memory.range(body, length));
    },

    get_status_code: () => answer("reading the status").status,
    set_status_code(status: number) {
      const exchange = answer("changing the status");
      if (status < 200 || status > 599) {
        throw new GuestError(`${status} is not the status of an answer: use 200 to 599`);
      }
      exchange.status = status;
      exchange.statusChanged = true;
    },
  };
}

/** @throws GuestError where they cannot be changed */
function requestTrailers(exchange: HttpExchange): FieldList {
  needTrailers(exchange);
  if (exchange.request.body !== undefined) return exchange.requestTrailers;
  throw new GuestError("trailers of a request come behind a body that was read: import read_body");
}

function needTrailers(exchange: HttpExchange): void {
  if (has(exchange, HttpFeature.trailers)) return;
  throw new GuestError("trailers need the feature trailers: enable_features(4)");
}

function has({ features }: HttpExchange, feature: number): boolean {
  return (features & feature) !== 0;
}

/** Two numbers as an i64: the first is the upper half. */
function pair(upper: number, lower: number): bigint {
  // The double holds it exactly: both together have far less than 53 bits.
  return BigInt(upper * 0x1_0000_0000 + lower);
}

/** Each text with a NUL behind it, if all fit. @returns how many there are, and their bytes */
function writeList(
  memory: GuestMemory,
  texts: readonly string[],
  buf: number,
  limit: number,
): bigint {
  if (texts.length === 0) return 0n;
  return pair(texts.length, memory.writeLatin1(buf, limit, `${texts.join("\0")}\0`));
}

/** The setting named "" is given as it is; without one, all settings are, as JSON. */
function bytesOf(config: ReadonlyMap<string, string>): Uint8Array {
  const whole = config.get("");
  if (whole === undefined && config.size === 0) return new Uint8Array(0);
  return new TextEncoder().encode(whole ?? JSON.stringify(Object.fromEntries(config)));
}
