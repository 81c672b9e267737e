import type { App } from "sluice";
import { rateLimit } from "sluice/middleware";
import { z } from "zod";
import type { Services } from "../services.ts";
import type { SignedIn } from "./identity.ts";
import { admins } from "./identity.ts";
import { Credentials, NewAccount, User } from "./user.ts";
import { NameTaken, WrongCredentials } from "./users.ts";

const tags = ["accounts"];

/** For programs, which have no session: an account, and tokens for it. */
export const accountRoutes = (app: App<undefined, unknown, Services>, attempts: number) => {
  const use = [rateLimit({ limit: attempts, window: "1m", name: "accounts" })];
  return app
    .post(
      "/api/users",
      {
        body: NewAccount,
        returns: { 201: User },
        errors: [NameTaken],
        use,
        summary: "Make an account; the first one is an admin",
        tags,
      },
      async (c) => c.json(await c.deps.users.signUp(c.body), 201),
    )
    .post(
      "/api/token",
      {
        body: Credentials,
        returns: z.object({ token: z.string() }),
        errors: [WrongCredentials],
        use,
        summary: "A token that is good for an hour",
        tags,
      },
      async ({ deps, body }) => {
        const user = await deps.users.signIn(body);
        return { token: await deps.tokens.issue(user.id) };
      },
    );
};

export const ownAccountRoutes = (app: App<undefined, SignedIn, Services>) =>
  app
    .get("/api/me", { returns: User, summary: "Who you are", tags }, ({ vars }) => vars.user)
    .get(
      "/api/users",
      { returns: z.array(User), use: [admins], summary: "Everybody, for admins", tags },
      ({ deps }) => deps.users.all(),
    );
