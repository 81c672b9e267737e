// 47. What a middleware finds out is typed for everything inside.
import type { Check } from "./check.ts";
import { App, middleware } from "sluice";
import type { Next } from "sluice";

const locale = middleware("locale", (c, next: Next<{ locale: "en" | "de" }>) => {
  const wanted = c.requestHeaders.get("accept-language") ?? "";
  return next({ locale: wanted.startsWith("de") ? "de" : "en" });
});

const greetings = { en: "Hello", de: "Hallo" };

export const app = new App().use(locale).get("/", ({ vars }) => greetings[vars.locale]);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /", { headers: { "accept-language": "de-AT" } })).text, "Hallo");
  equal((await ask("GET /")).text, "Hello");
}
