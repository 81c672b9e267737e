/**
 * Which `Origin` may connect. A browser sends its cookies with a WebSocket from any page, and no CORS asks
 * first, so this is the only defence against a foreign page speaking in the name of its visitor (RFC 6455 10.2).
 * - `same`: the host and port that the request is for
 * - a list of origins, such as `https://app.example.com`
 * - `any`: for what needs no cookies
 * - a function of the origin
 *
 * A request without `Origin` is not a browser's, and passes.
 */
export type OriginRule = "same" | "any" | readonly string[] | ((origin: string) => boolean);

/** @param authority what the request is for, lower-case */
export function allowsOrigin(rule: OriginRule, origin: string | null, authority: string): boolean {
  if (rule === "any" || origin === null) return true;
  if (typeof rule === "function") return rule(origin);
  const lower = origin.toLowerCase();
  if (rule !== "same") return rule.includes(lower);
  // TLS may end before us, so that the scheme here says nothing; each has its own default port.
  const match = /^(https?):\/\/([^/?#@]+)$/.exec(lower);
  if (match === null) return false;
  const port = match[1] === "https" ? ":443" : ":80";
  return withoutPort(match[2] as string, port) === withoutPort(authority, port);
}

function withoutPort(authority: string, port: string): string {
  return authority.endsWith(port) ? authority.slice(0, -port.length) : authority;
}
