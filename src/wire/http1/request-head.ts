import { latin1 } from "../../runtime/bytes.ts";
import { isTarget, isToken } from "./characters.ts";
import { scanFields, takeFields } from "./field-section.ts";
import type { HeadProblem } from "./head-problem.ts";
import { problems } from "./head-problem.ts";
import { isField } from "../../http/field-name.ts";

/** The part of the limits that concerns a head. */
export interface HeadLimits {
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly targetBytes: number;
}

/** A request head, parsed and its framing judged (RFC 9112 3, 5 and 6). */
export interface RequestHead {
  method: string;
  target: string;
  /** Minor version: 0 or 1 (a higher minor is served as 1, RFC 9110 2.5). */
  minor: number;
  /** `[name, value, …]` as sent. */
  fields: string[];
  /** The Host value as sent; undefined where HTTP/1.0 sent none. */
  host: string | undefined;
  /** Declared body length; 0 when there is no body; -1 when chunked. */
  length: number;
  /** Whether the request has content at all (a `Content-Length: 0` counts as none). */
  keepAlive: boolean;
  expectContinue: boolean;
  /** The Upgrade value when `Connection: upgrade` came with it. */
  upgrade: string | undefined;
  /** Offset of the first byte behind the head. */
  end: number;
}

/** A head, a refusal, or undefined: more bytes are needed. */
export type HeadResult = RequestHead | HeadProblem | undefined;

export function isProblem(result: RequestHead | HeadProblem): result is HeadProblem {
  return "status" in result;
}

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const MAX_METHOD = 64;

/**
 * Parses the head that starts at `from`. Strict: what RFC 9112 lets a recipient repair is refused, since
 * two parsers that repair differently are how requests are smuggled.
 *
 * What is wrong with the bytes is reported first, in reading order and whether the head is complete or not;
 * then what its fields say. So the outcome does not depend on how the bytes were split.
 */
export function parseRequestHead(bytes: Uint8Array, from: number, limits: HeadLimits): HeadResult {
  // RFC 9112 2.2: an empty line before the request line is ignored, once.
  let start = from;
  if (bytes[start] === CR) {
    if (start + 1 >= bytes.length) return undefined;
    if (bytes[start + 1] !== LF) return problems.line_end;
    start += 2;
  }
  // Whatever is still open at this offset is too large.
  const bound = start + limits.headerBytes;
  const end = Math.min(bytes.length, bound);

  let at = start;
  while (at < end && isToken[bytes[at] as number] === 1) at++;
  const methodEnd = at;
  if (methodEnd - start > MAX_METHOD) return problems.method;
  if (at >= end) return short(bytes, bound);
  if (bytes[at] !== SP || at === start) return lineProblem(bytes[at] as number);

  const targetStart = ++at;
  while (at < end && isTarget[bytes[at] as number] === 1) at++;
  const targetEnd = at;
  if (targetEnd - targetStart > limits.targetBytes) return problems.target_too_long;
  if (at >= end) return short(bytes, bound);
  if (bytes[at] !== SP || at === targetStart) {
    return bytes[at] === LF || bytes[at] === CR ? problems.request_line : problems.target;
  }

  at++;
  const minor = readVersion(bytes, at, end);
  if (minor === undefined) return short(bytes, bound);
  if (typeof minor === "object") return minor;
  at += 10;

  const fieldsEnd = scanFields(bytes, at, end, limits.headerCount);
  if (fieldsEnd === undefined) return short(bytes, bound);
  if (typeof fieldsEnd === "object") return fieldsEnd;
  at = fieldsEnd;

  // One decoding for the whole head; everything is a slice of it.
  const text = latin1(bytes, start, at);
  const head: RequestHead = {
    method: text.slice(0, methodEnd - start),
    target: text.slice(targetStart - start, targetEnd - start),
    minor,
    fields: [],
    host: undefined,
    length: 0,
    keepAlive: minor === 1,
    expectContinue: false,
    upgrade: undefined,
    end: at + 2,
  };
  return readFields(head, text, start);
}

/** Fields, with what they say about framing noted as they are read. */
function readFields(head: RequestHead, text: string, start: number): RequestHead | HeadProblem {
  const framing = new Framing();
  const { fields } = head;
  takeFields(text, start, fields);
  for (let i = 0; i < fields.length; i += 2) {
    const problem = framing.note(fields[i] as string, fields[i + 1] as string, head);
    if (problem !== undefined) return problem;
  }
  return judge(head, framing);
}

/** The bytes ran out: more are needed, unless the limit is what ended them. */
function short(bytes: Uint8Array, bound: number): HeadProblem | undefined {
  return bytes.length >= bound ? problems.header_too_large : undefined;
}

function lineProblem(code: number): HeadProblem {
  return code === LF || code === CR ? problems.request_line : problems.method;
}

const VERSION = [0x48, 0x54, 0x54, 0x50, 0x2f];

/** `HTTP/1.x CRLF` at `at`: the minor version served, a problem, or undefined when bytes are missing. */
function readVersion(bytes: Uint8Array, at: number, end: number): number | HeadProblem | undefined {
  for (let i = 0; i < 10; i++) {
    if (at + i >= end) return undefined;
    const code = bytes[at + i] as number;
    if (i < 5) {
      if (code !== VERSION[i]) return code === SP ? problems.target : problems.request_line;
    } else if (i === 5 || i === 7) {
      if (code < 0x30 || code > 0x39) return problems.request_line;
    } else if (i === 6) {
      if (code !== 0x2e) return problems.request_line;
    } else if (i === 8) {
      if (code !== CR) return code === LF ? problems.line_end : problems.request_line;
    } else if (code !== LF) {
      return problems.line_end;
    }
  }
  if (bytes[at + 5] !== 0x31) return problems.version;
  return bytes[at + 7] === 0x30 ? 0 : 1;
}

/** What the fields of a head say about its framing, gathered while they are read. */
class Framing {
  hosts = 0;
  lengths = 0;
  encoding: string | undefined;
  connection: string | undefined;
  upgrade: string | undefined;

  note(name: string, value: string, head: RequestHead): HeadProblem | undefined {
    switch (name.length) {
      case 4:
        if (isField(name, "host")) {
          if (++this.hosts > 1) return problems.host_repeated;
          head.host = value;
        }
        break;
      case 6:
        if (isField(name, "expect")) {
          if (value.toLowerCase() !== "100-continue") return problems.expectation;
          head.expectContinue = true;
        }
        break;
      case 7:
        if (isField(name, "upgrade")) this.upgrade = join(this.upgrade, value);
        break;
      case 10:
        if (isField(name, "connection")) this.connection = join(this.connection, value);
        break;
      case 14:
        if (isField(name, "content-length")) {
          if (++this.lengths > 1) return problems.content_length_repeated;
          if (!DIGITS.test(value)) return problems.content_length;
          head.length = Number(value);
        }
        break;
      case 17:
        if (isField(name, "transfer-encoding")) this.encoding = join(this.encoding, value);
        break;
    }
    return undefined;
  }
}

// 15 digits stay below 2^53.
const DIGITS = /^\d{1,15}$/;

function join(list: string | undefined, value: string): string {
  return list === undefined ? value : `${list},${value}`;
}

/** RFC 9112 6.3 and 9.3, once all fields are known. */
function judge(head: RequestHead, framing: Framing): RequestHead | HeadProblem {
  if (framing.encoding !== undefined) {
    const problem = judgeEncoding(framing.encoding, head, framing);
    if (problem !== undefined) return problem;
    head.length = -1;
  } else if (head.minor === 0 && framing.lengths === 0 && carriesContent(head.method)) {
    return problems.length_required;
  }
  if (head.minor === 1 && framing.hosts === 0) return problems.host_missing;
  // RFC 9110 10.1.1: an expectation in HTTP/1.0 is ignored, and one without content has nothing to await.
  if (head.minor === 0 || head.length === 0) head.expectContinue = false;
  if (framing.connection !== undefined) judgeConnection(framing.connection, framing, head);
  return head;
}

function judgeEncoding(
  encoding: string,
  head: RequestHead,
  framing: Framing,
): HeadProblem | undefined {
  if (head.minor === 0) return problems.encoding_in_http10;
  if (framing.lengths > 0) return problems.length_and_encoding;
  const codings = encoding
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim());
  const last = codings.pop();
  if (last !== "chunked" || codings.includes("chunked") || codings.includes("")) {
    return problems.transfer_encoding;
  }
  return codings.length > 0 ? problems.transfer_coding_unknown : undefined;
}

function judgeConnection(connection: string, framing: Framing, head: RequestHead): void {
  let close = false;
  let keep = false;
  for (const option of connection.toLowerCase().split(",")) {
    const name = option.trim();
    if (name === "close") close = true;
    else if (name === "keep-alive") keep = true;
    else if (name === "upgrade" && head.minor === 1) head.upgrade = framing.upgrade;
  }
  head.keepAlive = !close && (head.minor === 1 || keep);
}

function carriesContent(method: string): boolean {
  return method === "POST" || method === "PUT" || method === "PATCH";
}
