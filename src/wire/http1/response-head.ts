import { latin1 } from "../../runtime/bytes.ts";
import { isFieldValue } from "./characters.ts";
import { CHUNKED, UNTIL_CLOSE } from "./content.ts";
import { scanFields } from "./field-section.ts";
import { noteConnection } from "./connection-options.ts";
import { FramingFields } from "./framing-fields.ts";
import { isBodyless } from "./framing.ts";
import type { HeadProblem } from "./head-problem.ts";
import { problems, responseProblems } from "./head-problem.ts";
import { HeaderList } from "../../http/header-list.ts";
import { ReceivedSection } from "./received-section.ts";

/** The part of the limits that concerns a response head. */
export interface ResponseHeadLimits {
  readonly headerBytes: number;
  readonly headerCount: number;
}

/** A response head, parsed and its framing judged (RFC 9112 4 and 6). */
export interface ResponseHead {
  status: number;
  /** As sent. */
  headers: HeaderList;
  /** Declared length of the content; -1 when chunked, -2 when it goes on until the connection closes. */
  length: number;
  /** Whether another request may follow on the connection. */
  keepAlive: boolean;
  /** The Upgrade value of a 101. */
  upgrade: string | undefined;
  /** Offset of the first byte behind the head. */
  end: number;
}

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;

/**
 * Parses the response head that starts at `from`. As strict as with requests: what could be read in two ways
 * is refused, since whoever reads it the other way is how responses are smuggled.
 *
 * @param method of the request: a response to HEAD has no content, whatever its fields say
 * @returns a head, a problem, or undefined: more bytes are needed
 */
export function parseResponseHead(
  bytes: Uint8Array,
  from: number,
  limits: ResponseHeadLimits,
  method: string,
): ResponseHead | HeadProblem | undefined {
  const bound = from + limits.headerBytes;
  const end = Math.min(bytes.length, bound);
  const line = scanStatusLine(bytes, from, end);
  if (typeof line === "object") return line;
  const at = line === undefined ? undefined : scanFields(bytes, line, end, limits.headerCount);
  if (at === undefined) return bytes.length >= bound ? problems.header_too_large : undefined;
  if (typeof at === "object") return at;
  const text = latin1(bytes, from, at);
  const framing = new FramingFields(text, from);
  const problem = framing.read();
  if (problem !== undefined) return problem;
  const status = 100 * digitAt(text, 9) + 10 * digitAt(text, 10) + digitAt(text, 11);
  // Whatever came after 1.1 is understood as 1.1 (RFC 9112 2.3).
  const minor = Math.min(1, digitAt(text, 7));
  const fields = new ReceivedSection(text, from, (line as number) - from, framing.lengths);
  const headers = HeaderList.received(fields);
  return judge(
    { status, headers, length: 0, keepAlive: true, upgrade: undefined, end: at + 2 },
    framing,
    minor,
    method,
  );
}

const VERSION = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e];

/** `HTTP/1.x SP 3DIGIT [SP reason] CRLF`: the offset behind it, a problem, or undefined: bytes are missing. */
function scanStatusLine(
  bytes: Uint8Array,
  from: number,
  end: number,
): number | HeadProblem | undefined {
  for (let i = 0; i < 12; i++) {
    if (from + i >= end) return undefined;
    const code = bytes[from + i] as number;
    const fits =
      i < 7
        ? code === VERSION[i]
        : i === 8
          ? code === SP
          : isDigit(code) && (i !== 9 || code > 0x30);
    if (!fits) return responseProblems.status_line;
  }
  let at = from + 12;
  if (at >= end) return undefined;
  // Some leave out the space where there is no reason (RFC 9112 4 wants it).
  if (bytes[at] !== SP && bytes[at] !== CR) return responseProblems.status_line;
  while (at < end && isFieldValue[bytes[at] as number] === 1) at++;
  if (at + 1 >= end) return at < end && bytes[at] !== CR ? problems.line_end : undefined;
  return bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : problems.line_end;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function digitAt(text: string, at: number): number {
  return text.charCodeAt(at) - 0x30;
}

/** RFC 9112 6.3 and 9.3. */
function judge(
  head: ResponseHead,
  framing: FramingFields,
  minor: number,
  method: string,
): ResponseHead | HeadProblem {
  const { status } = head;
  const { length, contentLengths, encoding } = framing;
  noteConnection(framing, minor, head);
  if (encoding !== undefined) {
    if (minor === 0) return problems.encoding_in_http10;
    if (contentLengths > 0) return problems.length_and_encoding;
    if (encoding.toLowerCase() !== "chunked") return problems.transfer_encoding;
  }
  if (method === "HEAD" || isBodyless(status)) return head;
  if (encoding !== undefined) {
    head.length = CHUNKED;
  } else if (contentLengths > 0) {
    head.length = length;
  } else {
    head.length = UNTIL_CLOSE;
    head.keepAlive = false;
  }
  return head;
}
