// 78. The client's address where a proxy stands in front.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { trustedProxy } from "sluice/middleware";

// Only who comes from these addresses may say for whom it asks.
export const app = new App()
  .use(trustedProxy({ trust: ["loopback"] }))
  .get("/", (c) => `${c.ip} over ${c.scheme}`);

export async function check({ serve, equal }: Check) {
  const { url } = await serve();
  const headers = { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" };
  equal(await (await fetch(url, { headers })).text(), "203.0.113.7 over https");
}
