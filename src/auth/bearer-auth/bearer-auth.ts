import type { Context } from "../../core/context.ts";
import type { Middleware } from "../../core/middleware.ts";
import { steps } from "../../core/steps.ts";
import { SecretList } from "../credentials/secret-list.ts";
import type { Expiring } from "../credentials/valid-until.ts";
import {
  BearerChallenges,
  RequestInvalid,
  TOKEN68,
  TokenInvalid,
  TokenMissing,
} from "./bearer-token.ts";

/** One token. Two may share a name: with `validUntil` on the old one, a token is rotated. */
export interface BearerToken extends Expiring {
  /** At least 16 characters of `A-Z a-z 0-9 - . _ ~ + /`; {@link randomToken} makes one. */
  readonly token: string;
  /** Who has it. */
  readonly name?: string;
}

/** Who came, where `tokens` tell. */
export interface BearerUser {
  /** As the list has it; "" for a token without a name. */
  readonly name: string;
}

interface Realm {
  /** Printable ASCII. Default none. */
  readonly realm?: string;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/** Tokens that are known beforehand. */
export interface BearerTokens extends Realm {
  readonly tokens: readonly (BearerToken | string)[];
}

/** Tokens a function knows. */
export interface BearerVerifier<User> extends Realm {
  /** Who has the token, or undefined, null or false for nobody. Look tokens up by a hash of them. */
  readonly verify: (
    token: string,
    c: Context,
  ) => User | undefined | null | false | Promise<User | undefined | null | false>;
}

const MIN_TOKEN = 16;

/**
 * Bearer tokens (RFC 6750): 401 with a challenge unless the token is a good one. Puts who has it into
 * `c.vars.user`.
 *
 * @throws TypeError at start on a token that is too short or that no client could send
 * @example
 * new App()
 *   .use(bearerAuth({ tokens: [{ name: "ci", token: process.env.CI_TOKEN ?? "" }] }))
 *   .get("/", ({ vars }) => `Hello, ${vars.user.name}`);
 */
export function bearerAuth(options: BearerTokens): Middleware<Context, { user: BearerUser }>;
export function bearerAuth<User>(
  options: BearerVerifier<User>,
): Middleware<Context, { user: User }>;
export function bearerAuth(
  options: BearerTokens | BearerVerifier<unknown>,
): Middleware<Context, { user: unknown }> {
  const challenges = new BearerChallenges(options.realm);
  const verify = "verify" in options ? options.verify : fromList(options);
  const enter = async (c: Context): Promise<void> => {
    const token = challenges.read(c);
    if (token === undefined) throw challenges.missing();
    const user = await verify(token, c);
    if (user === undefined || user === null || user === false) {
      throw challenges.invalid("The token is not known here, or no longer good.");
    }
    (c.vars as { user: unknown }).user = user;
  };
  return steps<{ user: unknown }>(
    "bearer-auth",
    { enter },
    {
      security: { bearer: { type: "http", scheme: "bearer" } },
      errors: [RequestInvalid, TokenMissing, TokenInvalid],
    },
  );
}

/** @throws TypeError */
function fromList(options: BearerTokens): (token: string) => Promise<BearerUser | undefined> {
  const { tokens, now = Date.now } = options;
  if (!Array.isArray(tokens) || tokens.length === 0) {
    throw new TypeError("bearerAuth: give tokens, at least one, or verify");
  }
  const list = new SecretList<BearerUser>(now);
  for (const [index, entry] of (tokens as readonly (BearerToken | string)[]).entries()) {
    const known = typeof entry === "string" ? { token: entry } : entry;
    const { token, name = "" } = known ?? {};
    // Not every caller has types; a variable of the environment may be missing.
    if (typeof token !== "string" || token.length < MIN_TOKEN || !TOKEN68.test(token)) {
      throw new TypeError(
        `bearerAuth: token ${index + 1} of ${tokens.length} is missing, shorter than ${MIN_TOKEN} characters or holds others than A-Z a-z 0-9 - . _ ~ + /: make one with randomToken()`,
      );
    }
    list.add(token, { name }, known);
  }
  return (token) => list.find(token);
}
