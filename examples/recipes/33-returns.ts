// 33. A declared answer: other fields never leave.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { z } from "zod";

const User = z.object({ id: z.number(), name: z.string() });
const row = { id: 7, name: "Ada", passwordHash: "$argon2id$…" };

export const app = new App()
  .get("/user", { returns: User }, () => row)
  .get("/users", { returns: z.array(User) }, () => [row]);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /user")).json, { id: 7, name: "Ada" });
  equal((await ask("GET /users")).json, [{ id: 7, name: "Ada" }]);
}
