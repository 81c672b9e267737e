// 21. Schemas for request headers and cookies.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { z } from "zod";

export const app = new App().get(
  "/report",
  {
    headers: z.object({ "x-tenant": z.string().regex(/^[a-z]+$/) }),
    cookies: z.object({ theme: z.enum(["light", "dark"]).default("light") }),
  },
  ({ input }) => `${input.headers["x-tenant"]} in ${input.cookies.theme}`,
);

export async function check({ ask, equal }: Check) {
  const headers = { "x-tenant": "acme", cookie: "theme=dark" };
  equal((await ask("GET /report", { headers })).text, "acme in dark");
  equal((await ask("GET /report")).status, 422);
}
