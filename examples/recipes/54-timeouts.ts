// 54. A time limit for a route: 504, and the work is told to stop.
import type { Check } from "./check.ts";
import { App } from "sluice";

let stopped = false;

export const app = new App().get("/slow", { timeout: "20ms" }, async (c) => {
  await new Promise<void>((resolve) => {
    c.signal.addEventListener("abort", () => {
      stopped = true;
      resolve();
    });
  });
  return "too late";
});

export async function check({ ask, equal }: Check) {
  const answer = await ask("GET /slow");
  equal([answer.status, answer.json.code, stopped], [504, "timeout", true]);
}
