/** How cookies of backends are made to fit the address that clients see. */
export interface CookieRules {
  /** Domains, each with what stands in its place; "" takes the attribute away. `*` is every domain. */
  readonly domain?: Readonly<Record<string, string>>;
  /** How paths begin, each with what stands in its place: `{ "/app/": "/" }`. The longest that fits counts. */
  readonly path?: Readonly<Record<string, string>>;
}

/** Changes a `Set-Cookie`, or leaves it as it is. */
export type CookieRewriter = (cookie: string) => string;

/** @returns undefined where there are no rules */
export function cookieRewriter({
  domain = {},
  path = {},
}: CookieRules): CookieRewriter | undefined {
  const domains = new Map(Object.entries(domain).map(([from, to]) => [bareDomain(from), to]));
  const paths = Object.entries(path).toSorted(([a], [b]) => b.length - a.length);
  if (domains.size + paths.length === 0) return undefined;
  const change = (attribute: string): string => {
    const [, name = "", value = ""] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/s.exec(attribute) ?? [];
    const lower = name.toLowerCase();
    if (lower === "domain") {
      const to = domains.get(bareDomain(value)) ?? domains.get("*");
      return to === undefined ? `;${attribute}` : to === "" ? "" : `; ${name}=${to}`;
    }
    if (lower !== "path") return `;${attribute}`;
    const rule = paths.find(([from]) => isWithin(value, from));
    return rule === undefined ? `;${attribute}` : `; ${name}=${moved(value, rule)}`;
  };
  return (cookie) => {
    const [pair = "", ...attributes] = cookie.split(";");
    // RFC 6265bis 4.1.3.2: such a name promises that there is no Domain, and that Path is "/".
    if (/^\s*__Host-/i.test(pair)) return cookie;
    return pair + attributes.map(change).join("");
  };
}

/** RFC 6265 5.2.3. */
function bareDomain(domain: string): string {
  return domain.toLowerCase().replace(/^\./, "");
}

/** `/app` is no beginning of `/apple`. */
function isWithin(path: string, from: string): boolean {
  if (!path.startsWith(from)) return path === from.slice(0, -1) && from.endsWith("/");
  return from.endsWith("/") || path.length === from.length || path[from.length] === "/";
}

function moved(path: string, [from, to]: readonly [string, string]): string {
  const rest = path.slice(from.length);
  if (rest === "" && !path.endsWith("/")) return to.length > 1 ? to.replace(/\/$/, "") : to;
  return to.endsWith("/")
    ? to + rest.replace(/^\//, "")
    : to + (rest.startsWith("/") ? rest : `/${rest}`);
}
