// 15. Another framework under a prefix, by its fetch function.
import type { Check } from "./check.ts";
import { Hono } from "hono";
import { App } from "sluice";

const old = new Hono().get("/users", (c) => c.text("users, the old way"));

export const app = new App()
  .get("/users", () => "users, the new way")
  .mount("/old", (request) => old.fetch(request));

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /old/users")).text, "users, the old way");
  equal((await ask("GET /users")).text, "users, the new way");
}
