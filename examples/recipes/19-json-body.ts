// 19. A JSON body, checked and typed by a schema.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { z } from "zod";

const NewUser = z.object({ name: z.string().min(1), email: z.email() });

export const app = new App().post("/users", { body: NewUser }, (c) =>
  c.json({ id: 1, ...c.body }, 201),
);

export async function check({ ask, equal }: Check) {
  const json = { name: "Ada", email: "ada@example.com" };
  const made = await ask("POST /users", { json });
  equal([made.status, made.json], [201, { id: 1, ...json }]);
  // What is not declared is not let in.
  equal((await ask("POST /users", { json: { ...json, admin: true } })).json, { id: 1, ...json });
}
