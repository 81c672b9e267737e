// 56. Cookies: read, set, deleted.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App()
  .get("/theme", ({ cookies }) => cookies.get("theme") ?? "light")
  .put("/theme/:name", ({ cookies, params }) => {
    cookies.set("theme", params.name, { maxAge: 365 * 24 * 3600, httpOnly: false });
  })
  .delete("/theme", ({ cookies }) => cookies.delete("theme"));

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /theme", { headers: { cookie: "theme=dark" } })).text, "dark");
  const set = await ask("PUT /theme/dark");
  equal(set.headers.getSetCookie(), ["theme=dark; Max-Age=31536000; Path=/; SameSite=Lax"]);
  const gone = (await ask("DELETE /theme")).headers.getSetCookie()[0] ?? "";
  equal(gone.includes("Max-Age=0"), true);
}
