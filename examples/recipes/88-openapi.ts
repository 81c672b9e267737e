// 88. The OpenAPI document of what the routes declare.
import type { Check } from "./check.ts";
import { App, error } from "sluice";
import { openapi } from "sluice/openapi";
import { z } from "zod";

const User = z.object({ id: z.number().int(), name: z.string() });
const NotFound = error(404, "user_not_found");

export const app = new App().get(
  "/users/:id",
  {
    summary: "One user",
    params: z.object({ id: z.coerce.number() }),
    returns: User,
    errors: [NotFound],
  },
  ({ params }) => {
    if (params.id !== 1) throw new NotFound();
    return { id: 1, name: "Ada" };
  },
);

export async function check({ equal }: Check) {
  const document = await openapi(app, { title: "Users", version: "1.0.0" });
  const operation = document.paths?.["/users/{id}"]?.get;
  equal(operation?.summary, "One user");
  equal(Object.keys(operation?.responses ?? {}).includes("404"), true);
}
