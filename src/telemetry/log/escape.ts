/**
 * Escaping of what clients send. Everything but printable ASCII leaves a log line escaped, so that no value
 * can begin a line of its own, close a quote, or drive the terminal of whoever reads the log.
 */
const UNSAFE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
const UNSAFE_ALL = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

/** For the inside of a JSON string (RFC 8259 7). */
export function escapeJson(text: string): string {
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, jsonEscape) : text;
}

function jsonEscape(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** For a quoted field as Apache httpd writes it: `\"`, `\\`, `\xhh`. */
export function escapeQuoted(text: string): string {
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, quotedEscape) : text;
}

const utf8 = new TextEncoder();

function quotedEscape(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  const code = character.charCodeAt(0);
  if (code <= 0xff) return hexEscape(code);
  // Half of a surrogate pair becomes U+FFFD, which tells enough.
  return Array.from(utf8.encode(character), hexEscape).join("");
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** For text people read, in any script: only what could move a cursor or break the line is escaped. */
export function escapeControls(text: string): string {
  // C0, DEL, C1, line separators and the marks that turn the direction of text.
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, jsonEscape);
}
