// 18. Routes made from data, with a condition of their own.
import type { Check } from "./check.ts";
import { App } from "sluice";

const languages = { de: "Guten Tag", fr: "Bonjour" };

export const app = new App().get("/greet", () => "Hello");
for (const [code, greeting] of Object.entries(languages)) {
  app.add({
    path: "/greet",
    methods: ["GET"],
    // A route with a condition is asked before one without.
    when: ({ headers }) => headers.get("accept-language")?.startsWith(code) === true,
    handler: () => greeting,
  });
}

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /greet")).text, "Hello");
  equal((await ask("GET /greet", { headers: { "accept-language": "fr-CA" } })).text, "Bonjour");
}
