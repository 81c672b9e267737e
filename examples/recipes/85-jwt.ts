// 85. JSON Web Tokens: issued, checked, their claims typed.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { jwt } from "sluice/auth";
import { z } from "zod";

const key = { secret: "in earnest from the environment, 32 bytes" };
const issuer = "https://example.com";
const signedIn = jwt({ keys: key, issuer, claims: z.object({ sub: z.string() }) });

export const app = new App()
  .post("/token/:user", async ({ params }) =>
    jwt.issue({}, { key, issuer, subject: params.user, expiresIn: "15m" }),
  )
  .get("/me", { use: [signedIn] }, ({ vars }) => `you are ${vars.claims.sub}`);

export async function check({ ask, equal }: Check) {
  const { text: token } = await ask("POST /token/ada");
  const headers = { authorization: `Bearer ${token}` };
  equal((await ask("GET /me", { headers })).text, "you are ada");
  const forged = { authorization: `Bearer ${token.slice(0, -4)}AAAA` };
  equal((await ask("GET /me", { headers: forged })).status, 401);
}
