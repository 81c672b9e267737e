import type { HeaderList } from "../../http/header-list.ts";
import { statusText } from "../../http/status.ts";

const lines: string[] = [];

/** `HTTP/1.1 200 OK CRLF`, kept by status. The version is the server's own, whatever the request's (RFC 9110 2.5). */
export function statusLine(status: number): string {
  return (lines[status] ??= `HTTP/1.1 ${status} ${statusText(status)}\r\n`);
}

/**
 * The field lines of a reply but for those that frame it, which are the engine's. A frozen list is
 * serialised once.
 */
export function fieldLines(headers: HeaderList): string {
  if (headers.encoded !== undefined) return headers.encoded;
  const flat = headers.flat;
  let text = "";
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (!isFraming(name)) text += `${name}: ${flat[i + 1]}\r\n`;
  }
  if (headers.frozen) headers.encoded = text;
  return text;
}

/** Fields that say how a message is framed: written by the engine, never copied from a handler. */
function isFraming(name: string): boolean {
  switch (name.length) {
    case 4:
      return name.toLowerCase() === "date";
    case 10:
      return name.toLowerCase() === "connection" || name.toLowerCase() === "keep-alive";
    case 14:
      return name.toLowerCase() === "content-length";
    case 17:
      return name.toLowerCase() === "transfer-encoding";
    default:
      return false;
  }
}

let line = "";
refreshDate();

/** Reads the clock for {@link dateLine}; a server does this on its timer, since the clock costs as much as a parse. */
export function refreshDate(): void {
  line = `Date: ${new Date().toUTCString()}\r\n`;
}

/** `Date: … CRLF` (RFC 9110 6.6.1) as of the last {@link refreshDate}. */
export function dateLine(): string {
  return line;
}

/** The same without the name, for protocols that frame fields otherwise. */
export function dateValue(): string {
  return line.slice(6, -2);
}
