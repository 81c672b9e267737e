import { problem } from "../../../core/errors.ts";
import { fieldLines } from "../../../wire/http1/fields.ts";
import { dateLine, statusLine } from "../../../wire/http1/reply-head.ts";
import type { Output } from "../../../wire/http1/output.ts";

/** A request that never became an exchange. */
export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** Answers what could not be read as a request; the connection ends with it, since its framing is unknown. */
export function writeRefusal(output: Output, refused: Refused): void {
  const reply = problem(refused.status, refused.code, refused.detail);
  const body = reply.body as Uint8Array;
  const head =
    statusLine(refused.status) +
    fieldLines(reply.headers) +
    dateLine() +
    `Content-Length: ${body.byteLength}\r\nConnection: close\r\n\r\n`;
  output.bytes(head, body);
}
