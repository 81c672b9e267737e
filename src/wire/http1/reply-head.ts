import { statusText } from "../../http/status.ts";
import { onePiece } from "../../internal/one-piece.ts";

const lines: string[] = [];

/** `HTTP/1.1 200 OK CRLF`, kept by status. The version is the server's own, whatever the request's (RFC 9110 2.5). */
export function statusLine(status: number): string {
  return (lines[status] ??= onePiece(`HTTP/1.1 ${status} ${statusText(status)}\r\n`));
}

/** Lengths below this are kept: small answers are the ones whose heads count. */
const KEPT_LENGTHS = 1024;
const lengthLines: string[] = [];

/** `Content-Length: … CRLF`. */
export function lengthLine(length: number | string): string {
  if (typeof length === "string" || length >= KEPT_LENGTHS) return `Content-Length: ${length}\r\n`;
  return (lengthLines[length] ??= onePiece(`Content-Length: ${length}\r\n`));
}

let line = "";
refreshDate();

/** Reads the clock for {@link dateLine}; a server does this on its timer, since the clock costs as much as a parse. */
export function refreshDate(): void {
  line = onePiece(`Date: ${new Date().toUTCString()}\r\n`);
}

/** `Date: … CRLF` (RFC 9110 6.6.1) as of the last {@link refreshDate}. */
export function dateLine(): string {
  return line;
}

/** The same without the name, for protocols that frame fields otherwise. */
export function dateValue(): string {
  return line.slice(6, -2);
}
