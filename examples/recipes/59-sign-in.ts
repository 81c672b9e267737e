// 59. Sign-in and sign-out with a session.
import type { Check } from "./check.ts";
import { App, HttpError } from "sluice";
import { password } from "sluice/auth";
import { sessions } from "sluice/session";
import { z } from "zod";

const users = new Map([["ada", await password.hash("correct horse")]]);

export const app = new App()
  .use(sessions<{ user: string }>({ idle: "2h" }))
  .post("/sign-in", { body: z.object({ user: z.string(), pass: z.string() }) }, async (c) => {
    const hash = users.get(c.body.user);
    if (hash === undefined || !(await password.verify(c.body.pass, hash))) {
      throw new HttpError(401, "wrong_credentials", "Name or password are wrong.");
    }
    c.vars.session.data.user = c.body.user;
    c.vars.session.regenerate(); // another id whenever rights change
  })
  .get("/me", ({ vars }) => vars.session.data.user ?? "nobody")
  .post("/sign-out", ({ vars }) => vars.session.destroy());

export async function check({ ask, equal }: Check) {
  const json = { user: "ada", pass: "correct horse" };
  equal((await ask("POST /sign-in", { json: { ...json, pass: "wrong" } })).status, 401);
  const signedIn = await ask("POST /sign-in", { json });
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  equal((await ask("GET /me", { headers: { cookie } })).text, "ada");
  await ask("POST /sign-out", { headers: { cookie } });
  equal((await ask("GET /me", { headers: { cookie } })).text, "nobody");
}
