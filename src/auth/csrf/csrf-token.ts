import type { Context } from "../../core/context.ts";
import { CookieKeys } from "../../http/cookie-keys.ts";
import { checkField } from "../../http/header-list.ts";
import { randomToken } from "../random-token/random-token.ts";
import { timingSafeEqual } from "../timing-safe-equal/timing-safe-equal.ts";
import { readFormField } from "./form-field.ts";

/** How a token is sent twice: in a cookie, and in the request itself. */
export interface CsrfTokenOptions {
  /** The field that scripts send it in. Default `X-CSRF-Token`. */
  readonly header?: string;
  /** The field of urlencoded forms that has it. Default `_csrf`. */
  readonly field?: string;
  /** Whose session a request is of: a token is good for that one only. Needs `secrets`. */
  readonly session?: (c: Context) => string | undefined;
  /** Sign tokens, at least 32 bytes each: the first makes, all of them read. */
  readonly secrets?: readonly string[];
  /** Whether the cookie is `Secure`, and so `__Host-csrf`. Default as the request came; behind a proxy use trustedProxy. */
  readonly secure?: boolean;
}

/** The token of one request, in `c.vars.csrf`. */
export interface CsrfToken {
  /** For the form or the script; sets the cookie where the client has none that is good. */
  token(): Promise<string>;
}

/** None that is made here is longer. */
const MAX_LENGTH = 128;

/** Makes tokens and checks them. */
export class CsrfTokens {
  readonly header: string;
  readonly field: string;
  readonly #session: ((c: Context) => string | undefined) | undefined;
  readonly #keys: CookieKeys | undefined;
  readonly #secure: boolean | undefined;

  /** @throws TypeError on names that cannot be, and on secrets that are missing or short */
  constructor(options: CsrfTokenOptions) {
    const { header = "X-CSRF-Token", field = "_csrf", session, secrets } = options;
    checkField(header, "");
    if (session !== undefined && secrets === undefined) {
      throw new TypeError(
        "csrf: a token that is bound to a session needs secrets to be signed with",
      );
    }
    this.header = header;
    this.field = field;
    this.#session = session;
    this.#keys = secrets && new CookieKeys(secrets);
    this.#secure = options.secure;
  }

  /** The token of a client; the same for every answer to one request. */
  forRequest(c: Context): CsrfToken {
    let made: Promise<string> | undefined;
    return { token: () => (made ??= this.#current(c)) };
  }

  /** Whether a request has the token of its cookie, and of its session. @throws HttpError 400, 413 by its form */
  async check(c: Context): Promise<boolean> {
    const sent = c.requestHeaders.joined(this.header) ?? (await readFormField(c, this.field));
    const kept = this.#kept(c);
    if (sent === undefined || kept === undefined || sent.length > MAX_LENGTH) return false;
    const same = await timingSafeEqual(sent, kept);
    return same && (await this.#isGenuine(c, kept));
  }

  async #current(c: Context): Promise<string> {
    // The answer is for this client alone.
    c.headers.append("Vary", "Cookie");
    const kept = this.#kept(c);
    if (kept !== undefined && (await this.#isGenuine(c, kept))) return kept;
    const random = randomToken();
    const token = this.#keys ? await this.#keys.sign(this.#boundTo(c), random) : random;
    // Scripts read it to send it along; those of other origins cannot.
    c.cookies.set(this.#cookieName(c), token, {
      secure: this.#isSecure(c),
      sameSite: "strict",
      httpOnly: false,
    });
    return token;
  }

  /** The cookie; undefined too when there are several, of which a stranger has set one. */
  #kept(c: Context): string | undefined {
    const all = c.cookies.getAll(this.#cookieName(c));
    const [token] = all;
    const isToken = all.length === 1 && token !== undefined && token.length <= MAX_LENGTH;
    return isToken && /^[A-Za-z0-9_-]{43}(?:\.[A-Za-z0-9_-]{43})?$/.test(token) ? token : undefined;
  }

  async #isGenuine(c: Context, token: string): Promise<boolean> {
    if (this.#keys === undefined) return true;
    return (await this.#keys.verify(this.#boundTo(c), token)) !== undefined;
  }

  /** No cookie has a name with a colon, so that none can pass for a token. */
  #boundTo(c: Context): string {
    return `csrf:${this.#session?.(c) ?? ""}`;
  }

  #isSecure(c: Context): boolean {
    return this.#secure ?? c.scheme === "https";
  }

  /** With `__Host-` no other host can set it (RFC 6265bis 4.1.3.2); without TLS browsers do not take that name. */
  #cookieName(c: Context): string {
    return this.#isSecure(c) ? "__Host-csrf" : "csrf";
  }
}
