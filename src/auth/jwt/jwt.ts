import type { Context } from "../../core/context.ts";
import type { ErrorClass } from "../../core/error.ts";
import { error } from "../../core/error.ts";
import type { Middleware, SecurityScheme } from "../../core/middleware.ts";
import { steps } from "../../core/steps.ts";
import { TOKEN } from "../../http/header-list.ts";
import {
  BearerChallenges,
  RequestInvalid,
  TokenInvalid,
  TokenMissing,
} from "../bearer-auth/bearer-token.ts";
import { issueJwt } from "./issue-jwt.ts";
import { KeysUnavailable } from "./key-set.ts";
import type { ClaimsOf, ClaimsSchema, JwtVerifyOptions } from "./verify-jwt.ts";
import { JwtRefused, JwtVerifier } from "./verify-jwt.ts";

/** Where a token may be. The first place that has one counts. */
export type TokenPlace = "header" | { readonly cookie: string } | { readonly query: string };

export interface JwtOptions<
  S extends ClaimsSchema | undefined = undefined,
> extends JwtVerifyOptions<S> {
  /**
   * Where the token is. Default `"header"`: `Authorization: Bearer`. A cookie is sent by itself, so guard it
   * with {@link csrf}. A query ends up in logs and histories: only for what cannot send fields.
   */
  readonly from?: TokenPlace | readonly TokenPlace[];
  /** Of the challenge, printable ASCII. Default none. */
  readonly realm?: string;
}

const TokenExpired = error(401, "token_expired", "The token is expired.");
const Unavailable = error(
  503,
  "token_keys_unavailable",
  "Tokens cannot be checked now, as their issuer's keys cannot be had. Come again later.",
);
/** Seconds. */
const RETRY_AFTER = "30";

type Read = (c: Context) => string | undefined;

function protect<const S extends ClaimsSchema | undefined = undefined>(
  options: JwtOptions<S>,
): Middleware<Context, { claims: ClaimsOf<S> }> {
  const verifier = new JwtVerifier<S>(options);
  const challenges = new BearerChallenges(options.realm);
  const places = placesOf(options.from);
  const readers = places.map((place) => readerOf(place, challenges));
  type Vars = { claims: ClaimsOf<S> };
  const refused = (c: Context, failure: unknown): never => {
    if (failure instanceof JwtRefused) {
      const kind: ErrorClass = failure.expired ? TokenExpired : TokenInvalid;
      throw challenges.invalid(failure.message, kind);
    }
    if (!(failure instanceof KeysUnavailable)) throw failure;
    c.report(failure);
    throw new Unavailable(undefined, { headers: { "Retry-After": RETRY_AFTER } });
  };
  const later = (c: Context, claims: Promise<ClaimsOf<S>>): Promise<void> =>
    claims.then(
      (checked) => void ((c.vars as Vars).claims = checked),
      (failure) => refused(c, failure),
    );
  const enter = (c: Context): void | Promise<void> => {
    let token: string | undefined;
    for (const read of readers) if ((token = read(c)) !== undefined) break;
    if (token === undefined) throw challenges.missing();
    let claims: ClaimsOf<S> | Promise<ClaimsOf<S>>;
    try {
      claims = verifier.verify(token);
    } catch (failure) {
      return refused(c, failure);
    }
    if (claims instanceof Promise) return later(c, claims);
    (c.vars as Vars).claims = claims;
    return undefined;
  };
  return steps<Vars>(
    "jwt",
    { enter },
    {
      security: Object.fromEntries(places.map(schemeOf)),
      errors: [
        RequestInvalid,
        TokenMissing,
        TokenInvalid,
        TokenExpired,
        ...(options.jwks === undefined ? [] : [Unavailable]),
      ],
    },
  );
}

/**
 * JSON Web Tokens (RFC 7519): 401 with a challenge unless a token is good; what it says is in `c.vars.claims`,
 * typed by the schema, and frozen where there is none. See {@link jwtVerifier} for what is checked.
 *
 * `jwt.issue` makes tokens; it is {@link issueJwt}.
 *
 * @throws TypeError at start on keys, algorithms or places that cannot be
 * @example
 * const key = { secret: process.env.JWT_SECRET ?? "" }; // openssl rand -base64 32
 * const claims = z.object({ sub: z.string(), roles: z.array(z.string()) });
 * new App()
 *   .post("/token", () => jwt.issue({ roles: ["admin"] }, { key, subject: "42" }))
 *   .get("/me", { use: [jwt({ keys: key, claims })] }, ({ vars }) => vars.claims.sub);
 */
export const jwt = Object.assign(protect, { issue: issueJwt });

/** @throws TypeError */
function placesOf(from: JwtOptions["from"] = "header"): readonly TokenPlace[] {
  const places = (Array.isArray(from) ? from : [from]) as readonly TokenPlace[];
  for (const place of places) {
    if (place === "header") continue;
    const name: unknown = "cookie" in place ? place.cookie : place.query;
    if (typeof name === "string" && TOKEN.test(name)) continue;
    throw new TypeError(`jwt: from: ${JSON.stringify(name)} is no name for a cookie or key`);
  }
  if (places.length === 0) throw new TypeError("jwt: from is empty");
  return places;
}

function readerOf(place: TokenPlace, challenges: BearerChallenges): Read {
  if (place === "header") return (c) => challenges.read(c);
  if ("cookie" in place) return (c) => c.cookies.get(place.cookie) || undefined;
  return (c) => {
    const value = new URLSearchParams(c.exchange.query).getAll(place.query);
    // Of two nobody knows which was meant; joined they are no token.
    return value.length === 0 ? undefined : value.join(" ");
  };
}

function schemeOf(place: TokenPlace): [name: string, scheme: SecurityScheme] {
  if (place === "header") {
    return ["jwt", { type: "http", scheme: "bearer", bearerFormat: "JWT" }];
  }
  if ("cookie" in place) return ["jwtCookie", { type: "apiKey", in: "cookie", name: place.cookie }];
  return ["jwtQuery", { type: "apiKey", in: "query", name: place.query }];
}
