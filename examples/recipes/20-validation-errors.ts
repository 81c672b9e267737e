// 20. Everything that is wrong with a request is told at once.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { z } from "zod";

export const app = new App().put(
  "/users/:id",
  {
    params: z.object({ id: z.coerce.number().int() }),
    query: z.object({ dryRun: z.stringbool().optional() }),
    body: z.object({ name: z.string().min(1), age: z.number().optional() }),
  },
  ({ params, body }) => ({ id: params.id, ...body }),
);

export async function check({ ask, equal }: Check) {
  const answer = await ask("PUT /users/x?dryRun=perhaps", { json: { name: "", age: "old" } });
  equal([answer.status, answer.json.code], [422, "invalid_input"]);
  const where = answer.json.errors.map((one: { in: string; path: string[] }) => [
    one.in,
    ...one.path,
  ]);
  equal(where, [
    ["params", "id"],
    ["query", "dryRun"],
    ["body", "name"],
    ["body", "age"],
  ]);
  const broken = { body: "{", headers: { "content-type": "application/json" } };
  equal((await ask("PUT /users/1", broken)).status, 400);
  equal((await ask("PUT /users/1", { body: "name=Ada" })).status, 415);
}
