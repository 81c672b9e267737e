// 39. An async iterable leaves as it is made, no faster than the client reads.
import type { Check } from "./check.ts";
import { App } from "sluice";

async function* lines() {
  for (let n = 1; n <= 3; n++) yield `${JSON.stringify({ n })}\n`;
}

export const app = new App()
  .get("/plain", () => lines())
  .get("/ndjson", (c) => c.stream(lines(), "application/x-ndjson"));

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /plain")).text, `{"n":1}\n{"n":2}\n{"n":3}\n`);
  equal((await ask("GET /ndjson")).headers.get("content-type"), "application/x-ndjson");
}
