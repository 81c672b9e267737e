import type { Context, Next } from "sluice";
import { bearerToken, error, middleware } from "sluice";
import { roles } from "sluice/auth";
import type { Session } from "sluice/session";
import type { Services } from "../services.ts";
import type { User } from "./user.ts";

/** What a session remembers. */
export interface SessionData {
  userId: number;
}

export interface Identity {
  /** Undefined for whoever is not signed in. */
  readonly user: User | undefined;
}

export interface SignedIn {
  readonly user: User;
}

export const NotSignedIn = error(401, "sign_in_required", "Sign in first.");
const TokenRefused = error(401, "token_refused", "The token is not good, or no longer.");
const challenge = { headers: { "WWW-Authenticate": "Bearer" } };

/** Whether a request comes with a token: then its cookies do not count, and it needs no CSRF check. */
export const hasToken = (c: Context): boolean => c.requestHeaders.has("authorization");

/** Finds out who asks: by a token where there is one, else by the session. */
export const identity = middleware("identity", async (c: Context, next: Next<Identity>) =>
  next({ user: hasToken(c) ? await userOfToken(c) : userOfSession(c) }),
);

const readToken = bearerToken();

async function userOfToken(c: Context): Promise<User> {
  const { tokens, users }: Services = c.deps;
  const id = await tokens.read(await readToken(c));
  const user = id === undefined ? undefined : users.find(id);
  if (user === undefined) throw new TokenRefused(undefined, challenge);
  return user;
}

function userOfSession(c: Context): User | undefined {
  const { data }: Session<SessionData> = c.vars.session;
  const { users }: Services = c.deps;
  return data.userId === undefined ? undefined : users.find(data.userId);
}

/** Lets in who is signed in. */
export const signedIn = middleware(
  "signed-in",
  (c: Context, next: Next<SignedIn>) => {
    const { user }: Identity = c.vars;
    if (user === undefined) throw new NotSignedIn(undefined, challenge);
    return next({ user });
  },
  {
    security: {
      session: { type: "apiKey", in: "cookie", name: "session" },
      token: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
    },
    errors: [NotSignedIn, TokenRefused],
  },
);

/** Lets in who runs the place. */
export const admins = roles(({ user }: Identity) => user && [user.role], "admin");
