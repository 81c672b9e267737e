// 43. Errors that clients may see, with a stable code.
import type { Check } from "./check.ts";
import { App, error } from "sluice";

const NotFound = error(404, "user_not_found", "There is no such user.");
const Locked = error(423, "user_locked");

export const app = new App().get(
  "/users/:id",
  { errors: [NotFound, Locked] }, // in OpenAPI, and typed in the client
  ({ params }) => {
    if (params.id === "1") {
      throw new Locked("Try again tomorrow.", {
        headers: { "Retry-After": "86400" },
        members: { until: "2026-12-24" },
        cause: "for the log only",
      });
    }
    throw new NotFound(`There is no user ${params.id}.`);
  },
);

export async function check({ ask, equal }: Check) {
  const answer = await ask("GET /users/7");
  equal(answer.headers.get("content-type"), "application/problem+json");
  equal(answer.json, {
    type: "about:blank",
    title: "Not Found",
    status: 404,
    code: "user_not_found",
    detail: "There is no user 7.",
  });
  const locked = await ask("GET /users/1");
  equal([locked.headers.get("retry-after"), locked.json.until], ["86400", "2026-12-24"]);
}
