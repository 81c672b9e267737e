// 58. Encrypted cookies: the client can neither read nor change them.
import type { Check } from "./check.ts";
import { App } from "sluice";

const cookieSecrets = ["a secret of at least thirty-two bytes"];

export const app = new App(undefined, { cookieSecrets })
  .post("/draft", async (c) => {
    await c.cookies.setEncrypted("draft", await c.text(), { maxAge: 3600 });
  })
  .get("/draft", async (c) => (await c.cookies.getEncrypted("draft")) ?? "none");

export async function check({ ask, equal }: Check) {
  const made = await ask("POST /draft", { body: "a secret plan" });
  const cookie = made.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  equal(cookie.includes("plan"), false);
  equal((await ask("GET /draft", { headers: { cookie } })).text, "a secret plan");
}
