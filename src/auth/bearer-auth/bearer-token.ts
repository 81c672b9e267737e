import type { Context } from "../../core/context.ts";
import type { ErrorClass } from "../../core/error.ts";
import { error } from "../../core/error.ts";
import { readAuthorization } from "../credentials/authorization.ts";
import { challenge } from "../credentials/challenge.ts";

/** What a bearer token is made of (RFC 6750 2.1, RFC 9110 11.2). */
export const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/;

export const TokenMissing = error(401, "token_missing", "Send Authorization: Bearer with a token.");
export const TokenInvalid = error(401, "token_invalid", "The token is not valid.");
export const RequestInvalid = error(
  400,
  "authorization_malformed",
  "Authorization must be Bearer and one token (RFC 6750).",
);

/** So many fields are remembered, of so many characters at most. */
const MOST_KEPT = 256;
const LONGEST_KEPT = 2_048;

/** The refusals of RFC 6750 3, made at start with their challenges. */
export class BearerChallenges {
  readonly #realm: Readonly<Record<string, string>>;
  readonly #missing: Record<string, string>;
  readonly #malformed: Record<string, string>;
  /** By the fields that they came in. */
  readonly #tokens = new Map<string, string>();

  /** @throws TypeError when the realm is anything but printable ASCII */
  constructor(realm: string | undefined) {
    this.#realm = realm === undefined ? {} : { realm };
    // Without an error code where nothing was sent (RFC 6750 3.1).
    this.#missing = this.#headers({});
    this.#malformed = this.#headers({ error: "invalid_request" });
  }

  /** The token of `Authorization`; undefined when there is none or it is of another scheme. @throws HttpError 400 */
  read(c: Context): string | undefined {
    const field = c.requestHeaders.joined("authorization");
    if (field === null) return undefined;
    // Clients send the same again and again. Of several fields together none was ever taken.
    const known = this.#tokens.get(field);
    if (known !== undefined) return known;
    const token = this.#tokenOf(c);
    if (token === undefined || field.length > LONGEST_KEPT) return token;
    if (this.#tokens.size >= MOST_KEPT) this.#tokens.clear();
    this.#tokens.set(field, token);
    return token;
  }

  #tokenOf(c: Context): string | undefined {
    const sent = readAuthorization(c.requestHeaders);
    if (sent === undefined) return undefined;
    if (sent === "malformed") throw new RequestInvalid(undefined, { headers: this.#malformed });
    if (sent.scheme !== "bearer") return undefined;
    if (TOKEN68.test(sent.credentials)) return sent.credentials;
    throw new RequestInvalid(undefined, { headers: this.#malformed });
  }

  /** 401 for who sent no token. */
  missing(): Error {
    return new TokenMissing(undefined, { headers: this.#missing });
  }

  /** 401 for a token that is no good. @param description printable ASCII, for the client's developer */
  invalid(description: string, kind: ErrorClass = TokenInvalid): Error {
    const headers = this.#headers({ error: "invalid_token", error_description: description });
    return new kind(description, { headers });
  }

  #headers(parameters: Record<string, string>): Record<string, string> {
    return { "WWW-Authenticate": challenge("Bearer", { ...this.#realm, ...parameters }) };
  }
}
