// 57. Signed cookies: the client may read them, but not change them.
import type { Check } from "./check.ts";
import { App } from "sluice";

const cookieSecrets = ["a new secret of at least 32 bytes!", "the old one, which still reads it."];

export const app = new App(undefined, { cookieSecrets })
  .post("/visitor", async (c) => {
    await c.cookies.setSigned("visitor", "42");
  })
  .get("/visitor", async (c) => (await c.cookies.getSigned("visitor")) ?? "nobody");

export async function check({ ask, equal }: Check) {
  const made = (await ask("POST /visitor")).headers.getSetCookie()[0] ?? "";
  const cookie = made.split(";")[0] ?? "";
  equal((await ask("GET /visitor", { headers: { cookie } })).text, "42");
  const forged = cookie.replace("42", "43");
  equal((await ask("GET /visitor", { headers: { cookie: forged } })).text, "nobody");
}
