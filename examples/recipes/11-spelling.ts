// 11. What /a/ and /A are where only /a is a route.
import type { Check } from "./check.ts";
import { App } from "sluice";

// trailingSlash: "strict" (another address), "ignore", or "redirect".
export const app = new App(undefined, { trailingSlash: "redirect", caseSensitive: false }).get(
  "/About/:name",
  ({ params }) => params.name,
);

export async function check({ ask, equal }: Check) {
  const slash = await ask("GET /About/Ada/?x=1");
  equal([slash.status, slash.headers.get("location")], [308, "/About/Ada?x=1"]);
  equal((await ask("GET /about/Ada")).text, "Ada");
}
