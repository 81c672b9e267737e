// 77. Old addresses answered by new routes.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { rewrite } from "sluice/middleware";

export const app = new App()
  .use(rewrite([{ match: /^\/article\/(\d+)$/, to: "/posts/$1" }, { strip: "/v1" }]))
  .get("/posts/:id", ({ params }) => `post ${params.id}`);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /article/7")).text, "post 7");
  equal((await ask("GET /v1/posts/8")).text, "post 8");
}
