// 72. A limit for each client, told in the answer.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { rateLimit } from "sluice/middleware";

export const app = new App()
  .use(rateLimit({ limit: 2, window: "1h", key: { header: "X-Api-Key" } }))
  .get("/", () => "hello");

export async function check({ ask, equal }: Check) {
  const asked = async (key: string) =>
    (await ask("GET /", { headers: { "x-api-key": key } })).status;
  equal([await asked("a"), await asked("a"), await asked("a")], [200, 200, 429]);
  equal(await asked("b"), 200);
}
