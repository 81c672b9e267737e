import { HeaderList } from "../../../http/header-list.ts";
import { isConnectionField } from "../../../wire/field-pairs.ts";
import { isAuthority } from "../../../wire/http1/authority.ts";
import { isTarget, isToken } from "../../../wire/http1/characters.ts";
import { problems } from "../../../wire/http1/head-problem.ts";
import type { RequestTarget } from "../../../wire/http1/request-target.ts";
import { readTarget } from "../../../wire/http1/request-target.ts";
import type { EngineHost } from "../../engine.ts";

/** A request of HTTP/2 or HTTP/3 with its pseudo-headers taken apart (RFC 9113 8.3, RFC 9114 4.3). */
export interface MultiplexedRequest extends RequestTarget {
  readonly method: string;
  readonly scheme: "http" | "https";
  /** The `:path`, or the authority of a CONNECT. */
  readonly target: string;
  /** The `:protocol` of an extended CONNECT (RFC 8441, RFC 9220). */
  readonly protocol: string | undefined;
  readonly headers: HeaderList;
  /** From Content-Length, or undefined. */
  readonly contentLength: number | undefined;
  readonly expectContinue: boolean;
}

/** A refusal that can be answered. */
export interface RefusedRequest {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** A message that must be treated as a stream error of type PROTOCOL_ERROR / H3_MESSAGE_ERROR. */
export interface MalformedRequest {
  readonly malformed: string;
}

export type ReadRequest = MultiplexedRequest | RefusedRequest | MalformedRequest;

/**
 * Judges the field section of a request.
 * @param flat `[name, value, …]` with pseudo-headers, as the transport decoded it
 * @param secure whether the connection is TLS
 */
export function readRequest(
  flat: readonly string[],
  host: EngineHost,
  secure: boolean,
): ReadRequest {
  const { limits } = host;
  const fields = splitFields(flat);
  if (typeof fields === "string") return { malformed: fields };
  const { method, path, authority, scheme, protocol } = fields.pseudo;
  if (method === undefined) return { malformed: "there is no :method" };
  // What a backend is told in its request line must not be able to end that line early (RFC 9113 10.3).
  if (method === "" || !consistsOf(method, isToken)) return { malformed: ":method is not a token" };
  if (path !== undefined && !consistsOf(path, isTarget)) {
    return { malformed: ":path holds what it may not" };
  }
  if (protocol !== undefined && method !== "CONNECT") {
    return { malformed: ":protocol belongs to CONNECT" };
  }
  const connect = method === "CONNECT" && protocol === undefined;
  if (connect ? authority === undefined : path === undefined || scheme === undefined) {
    return { malformed: "a pseudo-header is missing" };
  }
  // RFC 9113 8.5.
  if (connect && (path !== undefined || scheme !== undefined)) {
    return { malformed: "CONNECT has neither :path nor :scheme" };
  }
  if (fields.bytes > limits.headerBytes) return problems.header_too_large;
  if (fields.list.length / 2 > limits.headerCount) return problems.too_many_headers;
  const target = connect ? (authority as string) : (path as string);
  if (target.length > limits.targetBytes) return problems.target_too_long;
  const name = hostOf(authority, fields.hosts);
  if (typeof name !== "string") return name;
  // RFC 9113 8.3.1: the target is in origin-form, or "*" for OPTIONS; absolute-form has no place here.
  if (!connect && !target.startsWith("/") && target !== "*") return problems.target;
  const served = secure ? "https" : "http";
  if (!connect && scheme !== served) return problems.scheme_mismatch;
  const method1 = protocol === undefined ? method : "GET";
  const parts = readTarget(method1, target, name, served, host.paths);
  if ("status" in parts) return parts;
  return {
    ...parts,
    method,
    scheme: served,
    target,
    protocol,
    headers: new HeaderList(fields.list),
    contentLength: fields.contentLength,
    expectContinue: fields.expectContinue,
  };
}

interface Fields {
  readonly pseudo: Partial<Record<string, string>>;
  readonly list: string[];
  readonly hosts: string[];
  readonly bytes: number;
  readonly contentLength: number | undefined;
  readonly expectContinue: boolean;
}

const PSEUDO = new Set([":method", ":path", ":scheme", ":authority", ":protocol"]);
/** @returns the fields in their kinds, or why the message is malformed */
function splitFields(flat: readonly string[]): Fields | string {
  const pseudo: Record<string, string> = {};
  const list: string[] = [];
  const hosts: string[] = [];
  let bytes = 0;
  let contentLength: number | undefined;
  let expectContinue = false;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const value = flat[i + 1] as string;
    // RFC 9113 6.5.2 counts 32 bytes of overhead a field.
    bytes += name.length + value.length + 32;
    if (name.charCodeAt(0) === 0x3a) {
      if (list.length > 0) return "a pseudo-header follows a regular field";
      if (!PSEUDO.has(name)) return `the pseudo-header ${name} is unknown`;
      if (name.slice(1) in pseudo) return `the pseudo-header ${name} is repeated`;
      pseudo[name.slice(1)] = value;
      continue;
    }
    if (hasUpper(name)) return "a field name has upper-case letters";
    if (isConnectionField(name)) return `the field ${name} belongs to a connection`;
    list.push(name, value);
    switch (name) {
      case "te":
        if (value !== "trailers") return "te must be `trailers`";
        break;
      case "host":
        hosts.push(value);
        break;
      case "content-length":
        if (contentLength !== undefined || !/^\d{1,15}$/.test(value)) {
          return "content-length is invalid";
        }
        contentLength = Number(value);
        break;
      case "expect":
        expectContinue = value.toLowerCase() === "100-continue";
        break;
    }
  }
  return { pseudo, list, hosts, bytes, contentLength, expectContinue };
}

function consistsOf(text: string, characters: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) {
    if (characters[text.charCodeAt(i)] !== 1) return false;
  }
  return true;
}

function hasUpper(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code >= 0x41 && code <= 0x5a) return true;
  }
  return false;
}

/** RFC 9113 8.3.1: `:authority`, else Host; they must agree where both are. */
function hostOf(authority: string | undefined, hosts: readonly string[]): string | RefusedRequest {
  if (hosts.length > 1) return problems.host_repeated;
  const [host] = hosts;
  const name = authority ?? host;
  if (name === undefined) return problems.host_missing;
  if (!isAuthority(name)) return problems.host_invalid;
  if (host !== undefined && host.toLowerCase() !== name.toLowerCase())
    return problems.host_mismatch;
  return name;
}
