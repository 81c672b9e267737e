// 06. The more specific route answers, in whatever order they are declared.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App()
  .get("/*", () => "anything")
  .get("/users/:name", ({ params }) => `user ${params.name}`)
  .get("/users/me", () => "you");

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /users/me")).text, "you");
  equal((await ask("GET /users/ada")).text, "user ada");
  equal((await ask("GET /else")).text, "anything");

  // Two routes that could answer the same request equally well are an error at start.
  const twice = new App().get("/a/:x", () => "").get("/a/:y", () => "");
  let said = "";
  try {
    twice.routes();
  } catch (error) {
    said = String(error);
  }
  equal(said.includes("/a/:x"), true);
}
