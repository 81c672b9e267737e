// 90. A client typed by the App: input, answers, and errors as values.
import type { Check } from "./check.ts";
import { App, error } from "sluice";
import { client } from "sluice/client";
import { z } from "zod";

const NotFound = error(404, "user_not_found", "There is no such user.");

export const app = new App().get(
  "/users/:id",
  { params: z.object({ id: z.coerce.number() }), errors: [NotFound] },
  ({ params }) => {
    if (params.id !== 1) throw new NotFound();
    return { id: params.id, name: "Ada" };
  },
);

export async function check({ serve, equal }: Check) {
  const { url } = await serve();
  const api = client<typeof app>(url);
  const found = await api["GET /users/:id"]({ params: { id: 1 } });
  if (found.ok) equal(found.data.name, "Ada");
  const missing = await api["GET /users/:id"]({ params: { id: 2 } });
  if (!missing.ok && missing.code === "user_not_found") equal(missing.status, 404);
  equal([found.ok, missing.ok], [true, false]);
}
