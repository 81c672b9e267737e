// 04. Parameters that must match a regular expression.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App()
  .get("/posts/:id{\\d+}", ({ params }) => `post number ${params.id}`)
  .get("/posts/:slug", ({ params }) => `post named ${params.slug}`);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /posts/42")).text, "post number 42");
  equal((await ask("GET /posts/hello")).text, "post named hello");
}
