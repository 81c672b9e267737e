/** One hop of a `Forwarded` field: parameters by lower-case name. */
export type ForwardedElement = ReadonlyMap<string, string>;

// RFC 7239 4: token "=" ( token / quoted-string ). Values like `for=192.0.2.1:80` without their quotes are
// common, so a colon and brackets are taken there too.
const PAIR =
  /[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:([!#$%&'*+\-.^_`|~0-9A-Za-z:[\]]+)|"((?:[^"\\]|\\.)*)")[ \t]*)?([;,]|$)/y;

/**
 * Reads a `Forwarded` field (RFC 7239), its lines joined by commas: the hops in order, the nearest last.
 * @returns undefined when any of it is malformed, since what stands behind cannot be told from it then
 */
export function parseForwarded(field: string): ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = [];
  let element = new Map<string, string>();
  let at = 0;
  for (;;) {
    PAIR.lastIndex = at;
    const found = PAIR.exec(field);
    if (found === null) return undefined;
    const [all, name, token, quoted, end] = found;
    at += all.length;
    if (name !== undefined) {
      const key = name.toLowerCase();
      if (element.has(key)) return undefined;
      element.set(key, token ?? (quoted as string).replaceAll(/\\(.)/g, "$1"));
    }
    if (end === ";") continue;
    if (element.size > 0) elements.push(element);
    element = new Map();
    if (end === "") return elements;
  }
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** An element as it stands in a field. */
export function writeForwarded(element: ForwardedElement): string {
  const pairs: string[] = [];
  for (const [name, value] of element) {
    pairs.push(`${name}=${TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`);
  }
  return pairs.join(";");
}

/** An address as a `for` or `by` node. */
export function addressNode(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/**
 * The address of a `for` or `by` node, or of a member of `X-Forwarded-For`: without port and brackets.
 * What it gives need not be an address: `unknown` and `_hidden` are allowed too.
 */
export function nodeAddress(node: string): string {
  if (node.startsWith("[")) {
    const end = node.indexOf("]");
    return /^(?:\]|\]:[0-9A-Za-z._-]{1,32})$/.test(node.slice(end)) ? node.slice(1, end) : "";
  }
  const colon = node.indexOf(":");
  // Two colons are an IPv6 address without brackets.
  return colon < 0 || node.includes(":", colon + 1) ? node : node.slice(0, colon);
}
