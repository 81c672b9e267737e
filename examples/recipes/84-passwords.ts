// 84. Passwords: hashed slowly, with Argon2id.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { password } from "sluice/auth";
import { z } from "zod";

const hashes = new Map<string, string>();
const Credentials = z.object({ name: z.string(), pass: z.string().min(8) });

export const app = new App()
  .post("/sign-up", { body: Credentials }, async ({ body }) => {
    hashes.set(body.name, await password.hash(body.pass));
  })
  .post("/check", { body: Credentials }, async ({ body }) => {
    const hash = hashes.get(body.name);
    return hash !== undefined && (await password.verify(body.pass, hash));
  });

export async function check({ ask, equal }: Check) {
  const json = { name: "ada", pass: "correct horse" };
  await ask("POST /sign-up", { json });
  equal(hashes.get("ada")?.startsWith("$argon2id$"), true);
  equal((await ask("POST /check", { json })).json, true);
  equal((await ask("POST /check", { json: { ...json, pass: "wrong horse" } })).json, false);
}
