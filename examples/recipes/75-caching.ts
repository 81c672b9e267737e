// 75. How long an answer keeps, and 304 for who has it already.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { cacheControl, etag } from "sluice/middleware";

export const app = new App()
  .use(etag(), cacheControl({ public: true, maxAge: "1h" }))
  .get("/prices", () => [1, 2, 3]);

export async function check({ ask, equal }: Check) {
  const { headers } = await ask("GET /prices");
  equal(headers.get("cache-control"), "public, max-age=3600");
  const again = { headers: { "if-none-match": headers.get("etag") ?? "" } };
  equal((await ask("GET /prices", again)).status, 304);
}
