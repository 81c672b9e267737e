// 86. Who may do what: 401 without sign-in, 403 without the role.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { bearerAuth, roles } from "sluice/auth";

const users = new Map([
  ["token-of-ada-0123", { name: "Ada", roles: ["admin"] }],
  ["token-of-bob-0123", { name: "Bob", roles: ["reader"] }],
]);
const signedIn = bearerAuth({ verify: (token) => users.get(token) });
const admins = roles(({ user }: { user: { roles: string[] } }) => user.roles, "admin");

export const app = new App().group([signedIn], (inner) =>
  inner
    .get("/notes", ({ vars }) => `notes for ${vars.user.name}`)
    .delete("/notes/:id", { use: [admins] }, ({ params }) => `deleted ${params.id}`),
);

export async function check({ ask, equal }: Check) {
  const as = (name: string) => ({ headers: { authorization: `Bearer token-of-${name}-0123` } });
  equal((await ask("GET /notes", as("bob"))).text, "notes for Bob");
  equal((await ask("DELETE /notes/1", as("bob"))).status, 403);
  equal((await ask("DELETE /notes/1", as("ada"))).text, "deleted 1");
  equal((await ask("DELETE /notes/1")).status, 401);
}
