// 60. A message for the next page only.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { sessions } from "sluice/session";

export const app = new App()
  .use(sessions())
  .post("/orders", (c) => {
    c.vars.session.flash("notice", "Thank you for your order.");
    return c.redirect("/", 303);
  })
  .get("/", ({ vars }) => String(vars.session.takeFlash("notice") ?? "nothing new"));

export async function check({ ask, equal }: Check) {
  const ordered = await ask("POST /orders");
  const cookie = ordered.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  equal((await ask("GET /", { headers: { cookie } })).text, "Thank you for your order.");
  equal((await ask("GET /", { headers: { cookie } })).text, "nothing new");
}
