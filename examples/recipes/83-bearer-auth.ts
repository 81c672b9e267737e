// 83. API tokens, looked up by a hash of them.
import type { Check } from "./check.ts";
import { createHash } from "node:crypto";
import { App } from "sluice";
import { bearerAuth, randomToken } from "sluice/auth";

const hash = (token: string) => createHash("sha256").update(token).digest("hex");
const token = randomToken(); // shown once to who gets it
const clients = new Map([[hash(token), { name: "ci", scopes: ["deploy"] }]]);

export const app = new App()
  .use(bearerAuth({ verify: (sent) => clients.get(hash(sent)) }))
  .get("/", ({ vars }) => `${vars.user.name} may ${vars.user.scopes.join()}`);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /")).status, 401);
  const headers = { authorization: `Bearer ${token}` };
  equal((await ask("GET /", { headers })).text, "ci may deploy");
}
