// 71. Pages of other origins may use this API.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { cors } from "sluice/middleware";

export const app = new App()
  .use(cors({ origin: "https://app.example", credentials: true }))
  .put("/me", () => ({ saved: true }));

export async function check({ ask, equal }: Check) {
  const headers = { origin: "https://app.example", "access-control-request-method": "PUT" };
  const preflight = await ask("OPTIONS /me", { headers });
  equal(preflight.headers.get("access-control-allow-origin"), "https://app.example");
  const foreign = await ask("PUT /me", { headers: { origin: "https://evil.example" } });
  equal(foreign.headers.get("access-control-allow-origin"), null);
}
