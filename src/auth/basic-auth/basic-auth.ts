import type { Context } from "../../core/context.ts";
import { error } from "../../core/error.ts";
import type { Middleware } from "../../core/middleware.ts";
import { steps } from "../../core/steps.ts";
import { readAuthorization } from "../credentials/authorization.ts";
import { challenge } from "../credentials/challenge.ts";
import { SecretList } from "../credentials/secret-list.ts";
import type { Expiring } from "../credentials/valid-until.ts";
import type { BasicCredentials } from "./basic-credentials.ts";
import { parseBasic } from "./basic-credentials.ts";
import { Htpasswd } from "./htpasswd.ts";

/** A name with a password. Several may share a name: with `validUntil` on the old one, a password is rotated. */
export interface BasicCredential extends BasicCredentials, Expiring {}

/** Who signed in, where `users` or `htpasswd` tell. */
export interface BasicUser {
  readonly username: string;
}

interface Realm {
  /** What browsers show beside the question, printable ASCII. Default `Restricted`. */
  readonly realm?: string;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/** Names and passwords, or a file of them. */
export interface BasicUsers extends Realm {
  readonly users?: readonly BasicCredential[];
  /** The text of a file as `htpasswd -B` writes it. */
  readonly htpasswd?: string;
}

/** Whoever a function knows. */
export interface BasicVerifier<User> extends Realm {
  /**
   * The user, or undefined, null or false for nobody. So that the time tells nobody who has an account, ask
   * `password.verify(password, user?.hash)` for unknown users too.
   */
  readonly verify: (
    username: string,
    password: string,
    c: Context,
  ) => User | undefined | null | false | Promise<User | undefined | null | false>;
}

const Missing = error(401, "credentials_missing", "Sign in with a name and a password.");
const Refused = error(401, "credentials_invalid", "Name or password are wrong.");

/**
 * HTTP Basic authentication (RFC 7617): 401 with a challenge unless a name and password are right. Puts the
 * user into `c.vars.user`. Use it over TLS only, and beside a rate limit, as anybody may guess.
 *
 * @throws TypeError at start on a realm, user or file that cannot be
 * @example
 * new App()
 *   .use(basicAuth({ users: [{ username: "ada", password: process.env.ADA_PASSWORD ?? "" }] }))
 *   .get("/", ({ vars }) => `Hello, ${vars.user.username}`);
 */
export function basicAuth(options: BasicUsers): Middleware<Context, { user: BasicUser }>;
export function basicAuth<User>(options: BasicVerifier<User>): Middleware<Context, { user: User }>;
export function basicAuth(
  options: BasicUsers | BasicVerifier<unknown>,
): Middleware<Context, { user: unknown }> {
  const verify = verifierOf(options);
  const { realm = "Restricted" } = options;
  const headers = { "WWW-Authenticate": challenge("Basic", { realm, charset: "UTF-8" }) };
  const enter = async (c: Context): Promise<void> => {
    const sent = readAuthorization(c.requestHeaders);
    if (sent === undefined) throw new Missing(undefined, { headers });
    const credentials =
      sent !== "malformed" && sent.scheme === "basic" ? parseBasic(sent.credentials) : undefined;
    if (credentials === undefined) {
      throw new Refused("Authorization must be Basic with a name and password (RFC 7617).", {
        headers,
      });
    }
    const user = await verify(credentials.username, credentials.password, c);
    if (user === undefined || user === null || user === false) {
      throw new Refused(undefined, { headers });
    }
    (c.vars as { user: unknown }).user = user;
  };
  return steps<{ user: unknown }>(
    "basic-auth",
    { enter },
    { security: { basic: { type: "http", scheme: "basic" } }, errors: [Missing, Refused] },
  );
}

/** @throws TypeError */
function verifierOf(
  options: BasicUsers | BasicVerifier<unknown>,
): BasicVerifier<unknown>["verify"] {
  const given = (["users", "htpasswd", "verify"] as const).filter(
    (name) => (options as Record<string, unknown>)[name] !== undefined,
  );
  if (given.length !== 1) {
    throw new TypeError("basicAuth: give one of users, htpasswd and verify");
  }
  if ("verify" in options) return options.verify;
  if (options.htpasswd !== undefined) {
    const file = new Htpasswd(options.htpasswd);
    return async (username, password) => (await file.verify(username, password)) && { username };
  }
  const list = new SecretList<BasicUser>(options.now ?? Date.now);
  const users = options.users ?? [];
  if (users.length === 0) throw new TypeError("basicAuth: users is empty, so nobody could sign in");
  for (const user of users) {
    const { username, password } = checkUser(user);
    list.add(pair(username, password), { username }, user);
  }
  return (username, password) => list.find(pair(username, password));
}

/** A name holds no colon, so no two pairs are the same text. */
function pair(username: string, password: string): string {
  return `${username}:${password}`;
}

/** @throws TypeError */
function checkUser({ username, password }: BasicCredential): BasicCredentials {
  // Not every caller has types; a variable of the environment may be missing.
  if (typeof username !== "string" || username === "" || username.includes(":")) {
    throw new TypeError(`basicAuth: username ${JSON.stringify(username)}: use text without ":"`);
  }
  if (typeof password !== "string" || password === "") {
    throw new TypeError(`basicAuth: the password of ${JSON.stringify(username)} is missing`);
  }
  return { username: username.normalize("NFC"), password: password.normalize("NFC") };
}
