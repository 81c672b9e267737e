// 03. A parameter that may be left out.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App().get("/calendar/:year/:month?", ({ params }) =>
  params.month === undefined ? `all of ${params.year}` : `${params.year}-${params.month}`,
);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /calendar/2026")).text, "all of 2026");
  equal((await ask("GET /calendar/2026/07")).text, "2026-07");
}
