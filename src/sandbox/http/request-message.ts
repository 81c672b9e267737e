import type { Context } from "../../core/context.ts";
import { readBytes } from "../../core/body/read-bytes.ts";
import type { HttpRequestMessage } from "../abi/http-message.ts";
import type { GuestCaller } from "./guest-caller.ts";

/**
 * A request in the terms of guests.
 * @param body what was read of it, if it was
 * @param wantsSource whether the guest can ask who has sent it
 */
export function requestMessage(
  c: Context,
  headers: readonly string[],
  body: Uint8Array | undefined,
  wantsSource: boolean,
): HttpRequestMessage {
  const { exchange } = c;
  const { path, query } = exchange;
  return {
    method: exchange.method,
    uri: query === "" ? path || "/" : `${path}?${query}`,
    protocol:
      exchange.protocol === "HTTP/2" || exchange.protocol === "HTTP/3"
        ? `${exchange.protocol}.0`
        : exchange.protocol,
    source: wantsSource ? addressOf(c) : "",
    scheme: c.scheme,
    host: c.host,
    headers,
    body,
    // They are known once the body was read.
    trailers: (body === undefined ? undefined : exchange.body?.trailers?.flat) ?? NONE,
  };
}

/** Host and port of whoever asks; behind a proxy the port is not known. */
function addressOf(c: Context): string {
  const { remoteAddress, remotePort } = c.exchange.connection;
  const ip = c.ip;
  const port = ip === remoteAddress ? remotePort : 0;
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Whether a guest can ask for the body of a request: it is read beforehand only then. */
export function readsBody({ abi, facts }: GuestCaller): boolean {
  return abi !== "http-wasm" || facts.imports.has("http_handler.read_body");
}

/** Whether a guest can ask for the address of whoever has sent a request. */
export function readsSource({ abi, facts }: GuestCaller): boolean {
  return abi !== "http-wasm" || facts.imports.has("http_handler.get_source_addr");
}

/** The body of a request, for a guest that may ask for it. @throws HttpError 413 */
export function bodyFor(
  c: Context,
  wanted: boolean,
  limit: number,
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  const { body } = c.exchange;
  if (body === null) return EMPTY;
  return wanted ? readBytes(body, limit) : undefined;
}

const NONE: readonly string[] = [];
const EMPTY = new Uint8Array(0);
