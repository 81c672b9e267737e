// 16. An answer of your own where no route is.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App()
  .get("/", (c) => c.html("<h1>Home</h1>"))
  .fallback((c) => c.html(`<h1>Nothing here</h1><p><a href="/">Home</a>`, 404));

export async function check({ ask, equal }: Check) {
  const answer = await ask("GET /nowhere");
  equal([answer.status, answer.text.includes("Nothing here")], [404, true]);
}
