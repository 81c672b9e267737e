// 70. An id for every request, in the answer and for your log.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { requestId } from "sluice/middleware";

export const app = new App().use(requestId()).get("/", ({ vars }) => `request ${vars.requestId}`);

export async function check({ ask, equal }: Check) {
  const { headers, text } = await ask("GET /");
  equal(text, `request ${headers.get("x-request-id")}`);
}
