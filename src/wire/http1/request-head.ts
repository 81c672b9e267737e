import { latin1 } from "../../runtime/bytes.ts";
import { isTarget, isToken } from "./characters.ts";
import { scanFields } from "./field-section.ts";
import { noteConnection } from "./connection-options.ts";
import { FramingFields } from "./framing-fields.ts";
import type { HeadProblem } from "./head-problem.ts";
import { problems } from "./head-problem.ts";
import { isFieldAt } from "../../http/field-name.ts";
import { ReceivedSection } from "./received-section.ts";

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
  /** As sent. */
  fields: ReceivedSection;
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

  // One decoding for the whole head; everything is a slice of it.
  const text = latin1(bytes, start, fieldsEnd);
  // Of the fields only those are looked at that say how the message is framed.
  const framing = new RequestFields(text, start);
  const problem = framing.read();
  if (problem !== undefined) return problem;
  const head: RequestHead = {
    method: text.slice(0, methodEnd - start),
    target: text.slice(targetStart - start, targetEnd - start),
    minor,
    fields: new ReceivedSection(text, start, at - start, framing.lengths),
    host: framing.host,
    length: framing.length,
    keepAlive: minor === 1,
    expectContinue: framing.expectContinue,
    upgrade: undefined,
    end: fieldsEnd + 2,
  };
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

/** And of what else a server needs at once. */
class RequestFields extends FramingFields {
  hosts = 0;
  host: string | undefined;
  expectContinue = false;

  protected override note(at: number, length: number, slot: number): HeadProblem | undefined {
    switch (length) {
      case 4:
        if (isFieldAt(this.text, at, "host")) {
          if (++this.hosts > 1) return problems.host_repeated;
          this.host = this.value(slot);
        }
        return undefined;
      case 6:
        if (isFieldAt(this.text, at, "expect")) {
          if (this.value(slot).toLowerCase() !== "100-continue") return problems.expectation;
          this.expectContinue = true;
        }
        return undefined;
      default:
        return super.note(at, length, slot);
    }
  }
}

/** RFC 9112 6.3 and 9.3, once all fields are known. */
function judge(head: RequestHead, framing: RequestFields): RequestHead | HeadProblem {
  if (framing.encoding !== undefined) {
    const problem = judgeEncoding(framing.encoding, head, framing);
    if (problem !== undefined) return problem;
    head.length = -1;
  } else if (head.minor === 0 && framing.contentLengths === 0 && carriesContent(head.method)) {
    return problems.length_required;
  }
  if (head.minor === 1 && framing.hosts === 0) return problems.host_missing;
  // RFC 9110 10.1.1: an expectation in HTTP/1.0 is ignored, and one without content has nothing to await.
  if (head.minor === 0 || head.length === 0) head.expectContinue = false;
  noteConnection(framing, head.minor, head);
  return head;
}

function judgeEncoding(
  encoding: string,
  head: RequestHead,
  framing: RequestFields,
): HeadProblem | undefined {
  if (head.minor === 0) return problems.encoding_in_http10;
  if (framing.contentLengths > 0) return problems.length_and_encoding;
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

function carriesContent(method: string): boolean {
  return method === "POST" || method === "PUT" || method === "PATCH";
}
