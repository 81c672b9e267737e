// 14. Middleware around some routes only.
import type { Check } from "./check.ts";
import { App, HttpError, middleware } from "sluice";
import type { Next } from "sluice";

const signedIn = middleware("signed-in", (c, next: Next<{ user: string }>) => {
  const user = c.requestHeaders.get("x-user");
  if (user === null) throw new HttpError(401, "sign_in", "Say who you are in X-User.");
  return next({ user });
});

export const app = new App()
  .get("/", () => "open to all")
  .group([signedIn], (inner) =>
    inner
      .get("/me", ({ vars }) => `you are ${vars.user}`)
      .get("/mail", ({ vars }) => `mail of ${vars.user}`),
  );

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /")).text, "open to all");
  equal((await ask("GET /me")).status, 401);
  equal((await ask("GET /me", { headers: { "x-user": "ada" } })).text, "you are ada");
}
