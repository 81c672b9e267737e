import type { CookieAttributes } from "./cookie.ts";
import { parseCookies, serializeCookie } from "./cookie.ts";
import type { CookieKeys } from "./cookie-keys.ts";
import type { HeaderList } from "./header-list.ts";

export interface CookieJarOptions {
  /** Whether cookies are `Secure` unless they say otherwise: true for a request that came over TLS. */
  readonly secure: boolean;
  /** For signed and encrypted cookies. */
  readonly keys?: CookieKeys | undefined;
}

/** What tells a cookie apart from others of its name when it is deleted. */
export type CookieScope = Pick<CookieAttributes, "path" | "domain" | "secure" | "partitioned">;

/**
 * The cookies of a request, and those its answer sets. Nothing is parsed before the first question.
 *
 * Text that a cookie cannot hold is percent-encoded on the way out and decoded on the way in. What was set
 * here is seen by `get` at once.
 */
export class CookieJar {
  readonly #request: HeaderList;
  readonly #reply: () => HeaderList;
  readonly #secure: boolean;
  readonly #keys: CookieKeys | undefined;
  #received: Map<string, string[]> | undefined;
  /** Set here, by name; undefined for deleted. */
  #changed: Map<string, string | undefined> | undefined;

  /**
   * @param request where `Cookie` is read
   * @param reply where `Set-Cookie` goes; asked for only when there is one
   */
  constructor(request: HeaderList, reply: () => HeaderList, options: CookieJarOptions) {
    this.#request = request;
    this.#reply = reply;
    this.#secure = options.secure;
    this.#keys = options.keys;
  }

  /** The value of a cookie: the first where the client sent several of that name. */
  get(name: string): string | undefined {
    if (this.#changed?.has(name)) return this.#changed.get(name);
    const raw = this.#values().get(name)?.[0];
    return raw === undefined ? undefined : decode(raw);
  }

  /** Every value the client sent for a name, in its order: see {@link parseCookies} for why there may be several. */
  getAll(name: string): string[] {
    return (this.#values().get(name) ?? []).map(decode);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Every cookie by name. The object has no prototype. */
  all(): Record<string, string> {
    const all = Object.create(null) as Record<string, string>;
    for (const name of [...this.#values().keys(), ...(this.#changed?.keys() ?? [])]) {
      const value = this.get(name);
      if (value === undefined) delete all[name];
      else all[name] = value;
    }
    return all;
  }

  /**
   * Sets a cookie, by default for all paths, for this host alone, until the browser ends, out of reach of
   * scripts, not sent by other sites' forms (`SameSite=Lax`), and over TLS only where the request came so.
   * @throws TypeError for what no browser would keep: see {@link serializeCookie}
   */
  set(name: string, value: string, attributes: CookieAttributes = {}): void {
    this.#write(name, encode(value), attributes);
    this.#remember(name, value);
  }

  /** Makes the client forget a cookie. Path and domain must be those it was set with. */
  delete(name: string, scope: CookieScope = {}): void {
    this.#write(name, "", { ...scope, maxAge: 0, expires: new Date(0) });
    this.#remember(name, undefined);
  }

  /** The value of a signed cookie; undefined when there is none or nobody here signed it. */
  getSigned(name: string): Promise<string | undefined> {
    return this.#open(name, (keys, text) => keys.verify(name, text));
  }

  /** Sets a cookie that the client can read and cannot change. */
  async setSigned(name: string, value: string, attributes: CookieAttributes = {}): Promise<void> {
    this.set(name, await this.#requireKeys().sign(name, value), attributes);
  }

  /** The value of an encrypted cookie; undefined when there is none or nobody here made it. */
  getEncrypted(name: string): Promise<string | undefined> {
    return this.#open(name, (keys, text) => keys.decrypt(name, text));
  }

  /** Sets a cookie that the client can neither read nor change. */
  async setEncrypted(
    name: string,
    value: string,
    attributes: CookieAttributes = {},
  ): Promise<void> {
    this.set(name, await this.#requireKeys().encrypt(name, value), attributes);
  }

  /** The first value that is genuine: one that was tossed in does not hide it. */
  async #open(
    name: string,
    read: (keys: CookieKeys, text: string) => Promise<string | undefined>,
  ): Promise<string | undefined> {
    const keys = this.#requireKeys();
    if (this.#changed?.has(name)) {
      const text = this.#changed.get(name);
      return text === undefined ? undefined : read(keys, text);
    }
    // Each costs a computation, so that only some are tried.
    for (const text of this.getAll(name).slice(0, 4)) {
      const value = await read(keys, text);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  #requireKeys(): CookieKeys {
    if (this.#keys !== undefined) return this.#keys;
    throw new TypeError("signed and encrypted cookies need cookie keys: give the app some");
  }

  #write(name: string, value: string, attributes: CookieAttributes): void {
    const text = serializeCookie(name, value, {
      httpOnly: true,
      sameSite: "lax",
      ...attributes,
      secure: attributes.secure ?? (this.#secure || needsSecure(name, attributes)),
    });
    const headers = this.#reply();
    // One for each name, domain and path (RFC 6265bis 4.1.1): the last wins.
    const others = headers.getAll("set-cookie");
    const kept = others.filter((other) => scopeOf(other) !== scopeOf(text));
    if (kept.length < others.length) {
      headers.delete("set-cookie");
      for (const other of kept) headers.append("Set-Cookie", other);
    }
    headers.append("Set-Cookie", text);
  }

  #remember(name: string, value: string | undefined): void {
    (this.#changed ??= new Map()).set(name, value);
  }

  #values(): Map<string, string[]> {
    if (this.#received !== undefined) return this.#received;
    const received = new Map<string, string[]>();
    const field = this.#request.joined("cookie");
    if (field !== null) {
      for (const [name, value] of parseCookies(field)) {
        const known = received.get(name);
        if (known === undefined) received.set(name, [value]);
        else known.push(value);
      }
    }
    return (this.#received = received);
  }
}

/** What a browser would refuse without. */
function needsSecure(name: string, attributes: CookieAttributes): boolean {
  return (
    /^__(?:secure|host|http)-/i.test(name) ||
    attributes.sameSite === "none" ||
    attributes.partitioned === true
  );
}

/** Name, domain and path of a `Set-Cookie` that this module wrote. */
function scopeOf(text: string): string {
  const attribute = (name: string) => new RegExp(`; ${name}=([^;]*)`).exec(text)?.[1] ?? "";
  const name = text.slice(0, text.indexOf("="));
  return `${name};${attribute("Domain").toLowerCase()};${attribute("Path")}`;
}

/** Whatever is no cookie octet (RFC 6265bis 4.1.1), and the escape itself. */
function encode(value: string): string {
  return value
    .toWellFormed()
    .replace(/[^\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/gu, encodeURIComponent);
}

/** Others' cookies may hold a "%" that is no escape. */
function decode(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
