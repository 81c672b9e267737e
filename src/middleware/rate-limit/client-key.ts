import type { Context } from "../../core/context.ts";
import { checkField } from "../../http/header-list.ts";
import { networkOf, parseIp } from "../../http/ip-address.ts";
import { toBase64Url } from "../../internal/base64url.ts";

/**
 * Who is counted: the client's address; the value of a request field; the `user` in `c.vars` (a text, or what
 * has an `id`, `sub`, `username` or `name`) or the `sub` of the `claims` there; or what a function says, undefined for nobody. Without the field or the
 * user it is the address.
 */
export type RateLimitKey =
  | "client"
  | "user"
  | { readonly header: string }
  | ((c: Context) => string | undefined | Promise<string | undefined>);

/** Longer keys are kept as their hash, so that they cannot fill memory. */
const LONGEST = 128;

/** Makes the function that says who is counted. A kind is part of a key, so that none can pass for an address or another. */
export function compileKey(
  key: RateLimitKey,
  ipv6Prefix: number,
): (c: Context) => string | undefined | Promise<string | undefined> {
  if (typeof key === "object") checkField(key.header, "");
  if (!Number.isInteger(ipv6Prefix) || ipv6Prefix < 1 || ipv6Prefix > 128) {
    throw new RangeError(`rateLimit: ipv6Prefix is 1 to 128, not ${ipv6Prefix}`);
  }
  const client = (c: Context): string => clientOf(c.ip, ipv6Prefix);
  const named = (c: Context): string | undefined => {
    if (key === "client") return client(c);
    if (key === "user") return prefixed("user", userOf(c.vars)) ?? client(c);
    const { header } = key as { header: string };
    return prefixed("header", c.exchange.headers.joined(header)) ?? client(c);
  };
  const bounded = (found: string | undefined): string | undefined | Promise<string> =>
    found === undefined || found.length <= LONGEST ? found : shortened(found);
  if (typeof key !== "function") return (c) => bounded(named(c));
  return async (c) => bounded(prefixed("key", await key(c)));
}

function prefixed(kind: string, value: string | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : `${kind}:${value}`;
}

/** One client may have a whole IPv6 network to take addresses from. */
function clientOf(ip: string, ipv6Prefix: number): string {
  if (!ip.includes(":")) return ip;
  const address = parseIp(ip);
  return address === undefined ? ip : networkOf(address, ipv6Prefix);
}

function userOf(vars: unknown): string | undefined {
  const { user, claims } = vars as { user?: unknown; claims?: unknown };
  return idOf(user) ?? idOf(claims);
}

function idOf(user: unknown): string | undefined {
  const facts = typeof user === "object" && user !== null ? (user as Record<string, unknown>) : {};
  const id =
    typeof user === "object"
      ? (facts["id"] ?? facts["sub"] ?? facts["username"] ?? facts["name"])
      : user;
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}

async function shortened(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(key);
  return `hash:${toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)))}`;
}
