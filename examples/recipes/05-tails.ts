// 05. The rest of a path, whatever its depth.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App()
  .get("/docs/*page", ({ params }) => `page ${params.page}`)
  .get("/any/*", (c) => `the rest, without a name: ${c.rest}`);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /docs/guide/first-steps")).text, "page guide/first-steps");
  equal((await ask("GET /any/a/b")).text, "the rest, without a name: a/b");
}
