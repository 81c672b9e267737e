// 23. Values made from a request by functions, typed in c.vars.
import type { Check } from "./check.ts";
import { App, header, HttpError, query } from "sluice";
import type { Context } from "sluice";
import { z } from "zod";

function currentUser(c: Context): { name: string } {
  const name = c.requestHeaders.get("x-user");
  if (name === null) throw new HttpError(401, "sign_in", "Say who you are in X-User.");
  return { name };
}

export const app = new App().get(
  "/greet",
  {
    with: {
      user: currentUser,
      locale: query("locale", z.enum(["en", "de"]).default("en")),
      agent: header("user-agent"),
    },
  },
  ({ vars }) => `${vars.locale}: ${vars.user.name} with ${vars.agent ?? "something"}`,
);

export async function check({ ask, equal }: Check) {
  const headers = { "x-user": "Ada", "user-agent": "test" };
  equal((await ask("GET /greet?locale=de", { headers })).text, "de: Ada with test");
  equal((await ask("GET /greet?locale=xx", { headers })).status, 422);
}
