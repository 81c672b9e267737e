// 82. A name and a password that the browser asks for.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { basicAuth } from "sluice/auth";

export const app = new App()
  .use(basicAuth({ users: [{ username: "ada", password: "correct horse" }] }))
  .get("/", ({ vars }) => `Hello, ${vars.user.username}`);

export async function check({ ask, equal }: Check) {
  const refused = await ask("GET /");
  equal([refused.status, refused.headers.get("www-authenticate")?.split(" ")[0]], [401, "Basic"]);
  const authorization = `Basic ${btoa("ada:correct horse")}`;
  equal((await ask("GET /", { headers: { authorization } })).text, "Hello, ada");
}
