import { formatHttpDate } from "./http-date.ts";
import { TOKEN } from "./header-list.ts";
import { trimOws } from "./trim-ows.ts";

/** What a `Set-Cookie` may say of a cookie besides its value (RFC 6265bis 4.1.2). */
export interface CookieAttributes {
  /** Seconds it lives, a whole number; 0 or less deletes it. Browsers cap it at 400 days. Without this and `expires` it ends with the browser's session. */
  maxAge?: number;
  /** When it ends. `maxAge` wins where both are sent. */
  expires?: Date;
  /** Sends it to the domain's subdomains too, and lets every one of them overwrite it: leave it out unless that is meant. */
  domain?: string;
  /** A path and what is below it; `/` if left out. No protection: other paths of the origin can read it. */
  path?: string;
  /** Only over TLS (and to localhost). */
  secure?: boolean;
  /** Not for scripts. */
  httpOnly?: boolean;
  /** Which requests from other sites carry it. `none` needs `secure`. */
  sameSite?: "strict" | "lax" | "none";
  /** One for each top-level site (CHIPS). Needs `secure`. */
  partitioned?: boolean;
  /** Which go first when a browser has too many (Chromium). */
  priority?: "low" | "medium" | "high";
}

/** Name and value as one pair; browsers drop what is longer (RFC 6265bis 5.6). */
export const MAX_COOKIE_BYTES = 4096;
const MAX_ATTRIBUTE_BYTES = 1024;

const COOKIE_OCTETS = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const ATTRIBUTE_VALUE = /^[\x20-\x3a\x3c-\x7e]*$/;
const DOMAIN =
  /^\.?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * Reads a `Cookie` field: `[name, value]` in the order sent, values as they stand. What is no pair is left out.
 *
 * Several may share a name: a browser sends the one with the longer path first, and another subdomain can
 * have set either ("cookie tossing"), so nothing is dropped here. Only the prefix `__Host-` keeps others
 * from setting a cookie.
 * @param field fields of a split header joined by "; "
 */
export function parseCookies(field: string): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (const part of field.split(";")) {
    const equals = part.indexOf("=");
    const name = equals < 0 ? "" : trimOws(part.slice(0, equals));
    if (name !== "") pairs.push([name, trimOws(part.slice(equals + 1))]);
  }
  return pairs;
}

/**
 * One `Set-Cookie` value. Nothing that could begin another attribute or another header gets through.
 * @param value cookie octets: encode other text first, as `CookieJar` does
 * @throws TypeError saying which rule is broken
 * @example serializeCookie("__Host-id", "a1", { secure: true, path: "/" }) // "__Host-id=a1; Path=/; Secure"
 */
export function serializeCookie(
  name: string,
  value: string,
  attributes: CookieAttributes = {},
): string {
  const { maxAge, expires, domain, path = "/", sameSite, priority } = attributes;
  if (!TOKEN.test(name)) refuse(name, "its name must be a token (RFC 6265bis 4.1.1)");
  if (!COOKIE_OCTETS.test(value)) {
    refuse(name, 'its value may not hold spaces, quotes, "," ";" "\\" or anything but ASCII');
  }
  if (name.length + value.length > MAX_COOKIE_BYTES) {
    refuse(name, `name and value may have ${MAX_COOKIE_BYTES} bytes: keep more in a session`);
  }
  checkRules(name, attributes);
  let text = `${name}=${value}`;
  if (maxAge !== undefined) text += `; Max-Age=${maxAge}`;
  if (expires !== undefined) text += `; Expires=${formatHttpDate(expires.getTime())}`;
  if (domain !== undefined) text += `; Domain=${domain}`;
  text += `; Path=${path}`;
  if (attributes.secure) text += "; Secure";
  if (attributes.httpOnly) text += "; HttpOnly";
  if (sameSite !== undefined) text += `; SameSite=${SAME_SITE[sameSite]}`;
  if (attributes.partitioned) text += "; Partitioned";
  if (priority !== undefined) text += `; Priority=${PRIORITY[priority]}`;
  return text;
}

const SAME_SITE = { strict: "Strict", lax: "Lax", none: "None" };
const PRIORITY = { low: "Low", medium: "Medium", high: "High" };

function checkRules(name: string, attributes: CookieAttributes): void {
  const { maxAge, expires, domain, path = "/", secure, sameSite, priority } = attributes;
  if (maxAge !== undefined && !Number.isSafeInteger(maxAge)) {
    refuse(name, `maxAge is a whole number of seconds, not ${maxAge}`);
  }
  if (expires !== undefined && Number.isNaN(expires.getTime())) {
    refuse(name, "expires is no valid date");
  }
  if (domain !== undefined && (!DOMAIN.test(domain) || domain.length > 254)) {
    refuse(name, `domain ${JSON.stringify(domain)} is no host name`);
  }
  if (!path.startsWith("/") || !ATTRIBUTE_VALUE.test(path) || path.length > MAX_ATTRIBUTE_BYTES) {
    refuse(name, 'path begins with "/" and holds no ";" or control characters');
  }
  // Not every caller has types.
  if (sameSite !== undefined && !Object.hasOwn(SAME_SITE, sameSite)) {
    refuse(name, 'sameSite is "strict", "lax" or "none"');
  }
  if (priority !== undefined && !Object.hasOwn(PRIORITY, priority)) {
    refuse(name, 'priority is "low", "medium" or "high"');
  }
  if (sameSite === "none" && !secure) refuse(name, "sameSite none needs secure");
  if (attributes.partitioned && !secure) refuse(name, "partitioned needs secure");
  checkPrefix(name, path, attributes);
}

/** Browsers drop a cookie whose name makes a promise that its attributes break (RFC 6265bis 4.1.3). */
function checkPrefix(name: string, path: string, attributes: CookieAttributes): void {
  const prefix = /^__(?:secure|host-http|host|http)-/i.exec(name)?.[0].toLowerCase();
  if (prefix === undefined) return;
  if (!attributes.secure) refuse(name, "its prefix needs secure");
  if (prefix.includes("http") && !attributes.httpOnly) refuse(name, "its prefix needs httpOnly");
  if (prefix.startsWith("__host-") && (path !== "/" || attributes.domain !== undefined)) {
    refuse(name, 'the prefix __Host- needs path "/" and no domain');
  }
}

function refuse(name: string, why: string): never {
  throw new TypeError(`cookie ${JSON.stringify(name)}: ${why}`);
}
