/**
 * Fields that are for one connection only (RFC 9110 7.6.1), or that frame a message: a proxy ends them and sets
 * its own. Told apart by length first, as almost every name is.
 */
export function isHopByHop(name: string): boolean {
  switch (name.length) {
    case 2:
      return name.toLowerCase() === "te";
    case 7:
      return isOneOf(name, "upgrade", "trailer");
    case 10:
      return isOneOf(name, "connection", "keep-alive");
    case 14:
      return name.toLowerCase() === "content-length";
    case 16:
      return name.toLowerCase() === "proxy-connection";
    case 17:
      return name.toLowerCase() === "transfer-encoding";
    case 18:
      return name.toLowerCase() === "proxy-authenticate";
    case 19:
      return name.toLowerCase() === "proxy-authorization";
    default:
      return false;
  }
}

function isOneOf(name: string, one: string, other: string): boolean {
  const lower = name.toLowerCase();
  return lower === one || lower === other;
}

/** What may be listed in Connection and still goes on: else a client could take away what others rely on. */
const KEPT =
  /^(?:host|authorization|cookie|set-cookie|via|forwarded|x-forwarded-.*|x-real-ip|content-.*|cache-control|date|location|expect)$/;

/**
 * The fields that a Connection field names beyond the usual, lower case, or undefined: they end here
 * (CVE-2024-45410, CVE-2021-32813: a client must not have those of the proxy removed that way).
 */
export function listedInConnection(value: string): ReadonlySet<string> | undefined {
  let listed: Set<string> | undefined;
  for (const option of value.toLowerCase().split(",")) {
    const name = option.trim();
    if (name === "" || name === "close" || name === "keep-alive" || name === "upgrade") continue;
    if (!KEPT.test(name)) (listed ??= new Set()).add(name);
  }
  return listed;
}
