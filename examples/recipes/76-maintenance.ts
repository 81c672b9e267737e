// 76. Closed for a while, but not for everybody.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { maintenance } from "sluice/middleware";

const closed = maintenance({ except: ["/healthz"], retryAfter: "10m" });

export const app = new App()
  .use(closed)
  .get("/", () => "open")
  .get("/healthz", () => "ok");

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /")).text, "open");
  closed.active = true;
  const answer = await ask("GET /");
  equal([answer.status, answer.headers.get("retry-after")], [503, "600"]);
  equal((await ask("GET /healthz")).text, "ok");
  closed.active = false;
}
