// 17. All routes as data, for a list, a menu or a check of your own.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App()
  .get("/users", { summary: "All users", name: "users" }, () => [])
  .post("/users", { summary: "A new user" }, () => null);

export async function check({ equal }: Check) {
  const lines = app.routes().map(({ methods, path, summary }) => [methods, path, summary]);
  equal(lines, [
    [["GET"], "/users", "All users"],
    [["POST"], "/users", "A new user"],
  ]);
}
