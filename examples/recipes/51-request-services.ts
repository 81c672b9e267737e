// 51. Services of one request: made when asked for, ended once its answer has left.
import type { Check } from "./check.ts";
import { App } from "sluice";

const log: string[] = [];

export const app = new App()
  .provide("unit", (_deps, c) => ({ path: c.path, changes: [] as string[] }), {
    scope: "request",
    dispose: ({ path, changes }) => log.push(`${path}: ${changes.join(", ")}`),
  })
  .post("/transfer", ({ deps }) => {
    deps.unit.changes.push("take 5");
    deps.unit.changes.push("give 5"); // the same unit
    return "done";
  })
  .get("/idle", () => "nothing was made");

export async function check({ ask, equal }: Check) {
  await ask("POST /transfer");
  await ask("GET /idle");
  equal(log, ["/transfer: take 5, give 5"]);
}
