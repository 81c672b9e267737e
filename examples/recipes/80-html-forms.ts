// 80. PUT and DELETE from plain HTML forms.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { methodOverride } from "sluice/middleware";

export const app = new App()
  .use(methodOverride({ query: "_method" }))
  .get("/items/7", (c) =>
    c.html(`<form method="post" action="/items/7?_method=DELETE"><button>Delete</button></form>`),
  )
  .delete("/items/:id", ({ params }) => `deleted ${params.id}`);

export async function check({ ask, equal }: Check) {
  equal((await ask("POST /items/7?_method=DELETE")).text, "deleted 7");
  equal(
    (await ask("GET /items/7?_method=DELETE")).headers.get("content-type")?.split(";")[0],
    "text/html",
  );
}
