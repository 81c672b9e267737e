import { parseHttpDate } from "../http/http-date.ts";

interface Kept {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** Epoch milliseconds; undefined until the client is gone. */
  readonly expires: number | undefined;
}

/** More than any test or service needs; what a server sends beyond it is left out. */
const KEPT_AT_MOST = 1000;

/**
 * The cookies a client was sent by one origin, to be sent back (RFC 6265bis 5). `Domain` and `Secure` ask
 * nothing here: there is one origin, and it is trusted.
 * @example
 * const cookies = new ClientCookies();
 * const api = client(app, { cookies });
 * await api["POST /sign-in"]({ json: { name: "ada" } });
 * cookies.get("session");
 */
export class ClientCookies {
  readonly #kept = new Map<string, Kept>();

  get(name: string): string | undefined {
    return this.#live().find((cookie) => cookie.name === name)?.value;
  }

  /** Sends this from now on, to every path. */
  set(name: string, value: string): void {
    this.#keep({ name, value, path: "/", expires: undefined });
  }

  delete(name: string): void {
    for (const [key, cookie] of this.#kept) if (cookie.name === name) this.#kept.delete(key);
  }

  clear(): void {
    this.#kept.clear();
  }

  /** Takes what an answer sets. @param path of the request */
  take(headers: Headers, path: string): void {
    for (const field of headers.getSetCookie()) this.#takeOne(field, path);
  }

  /** The `Cookie` field for a path: longer paths first; "" when there is nothing to send. */
  header(path: string): string {
    return this.#live()
      .filter((cookie) => pathMatches(path, cookie.path))
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  #takeOne(field: string, requestPath: string): void {
    const [pair = "", ...attributes] = field.split(";");
    const equals = pair.indexOf("=");
    const name = pair.slice(0, equals).trim();
    if (equals < 0 || name === "") return;
    let path = requestPath.slice(0, Math.max(1, requestPath.lastIndexOf("/")));
    let expires: number | undefined;
    let maxAge: number | undefined;
    for (const attribute of attributes) {
      const [key = "", ...rest] = attribute.split("=");
      const value = rest.join("=").trim();
      const known = key.trim().toLowerCase();
      if (known === "path" && value.startsWith("/")) path = value;
      else if (known === "expires") expires = parseHttpDate(value);
      else if (known === "max-age" && /^-?\d+$/.test(value)) maxAge = Number(value);
    }
    // Max-Age wins (RFC 6265bis 5.7).
    if (maxAge !== undefined) expires = maxAge <= 0 ? 0 : Date.now() + maxAge * 1000;
    this.#keep({ name, value: pair.slice(equals + 1).trim(), path, expires });
  }

  #keep(cookie: Kept): void {
    const key = `${cookie.name};${cookie.path}`;
    if (cookie.expires !== undefined && cookie.expires <= Date.now()) this.#kept.delete(key);
    else if (this.#kept.has(key) || this.#kept.size < KEPT_AT_MOST) this.#kept.set(key, cookie);
  }

  #live(): Kept[] {
    const now = Date.now();
    return [...this.#kept.values()].filter(({ expires = Infinity }) => expires > now);
  }
}

/** RFC 6265bis 5.1.4. */
function pathMatches(path: string, prefix: string): boolean {
  if (path === prefix) return true;
  return path.startsWith(prefix) && (prefix.endsWith("/") || path[prefix.length] === "/");
}
