import { isFieldAt } from "./field-name.ts";

/**
 * Fields that are for one connection only (RFC 9110 7.6.1), or that frame a message: a proxy ends them and sets
 * its own. Told apart by length first, as almost every name is.
 */
export function isHopByHop(name: string): boolean {
  return isHopByHopAt(name, 0, name.length);
}

/** The same of the name of so many characters that begins in `text` at `at`. */
export function isHopByHopAt(text: string, at: number, length: number): boolean {
  switch (length) {
    case 2:
      return isFieldAt(text, at, "te");
    case 7:
      return isFieldAt(text, at, "upgrade") || isFieldAt(text, at, "trailer");
    case 10:
      return isFieldAt(text, at, "connection") || isFieldAt(text, at, "keep-alive");
    case 14:
      return isFieldAt(text, at, "content-length");
    case 16:
      return isFieldAt(text, at, "proxy-connection");
    case 17:
      return isFieldAt(text, at, "transfer-encoding");
    case 18:
      return isFieldAt(text, at, "proxy-authenticate");
    case 19:
      return isFieldAt(text, at, "proxy-authorization");
    default:
      return false;
  }
}

/** What may be listed in Connection and still goes on: else a client could take away what others rely on. */
const KEPT =
  /^(?:host|authorization|cookie|set-cookie|via|forwarded|x-forwarded-.*|x-real-ip|content-.*|cache-control|date|location|expect)$/;

/**
 * The fields that a Connection field names beyond the usual, lower case, or undefined: they end here
 * (CVE-2024-45410, CVE-2021-32813: a client must not have those of the proxy removed that way).
 */
export function listedInConnection(value: string): ReadonlySet<string> | undefined {
  // What almost every one says.
  if (value === "keep-alive" || value === "close") return undefined;
  let listed: Set<string> | undefined;
  for (const option of value.toLowerCase().split(",")) {
    const name = option.trim();
    if (name === "" || name === "close" || name === "keep-alive" || name === "upgrade") continue;
    if (!KEPT.test(name)) (listed ??= new Set()).add(name);
  }
  return listed;
}
