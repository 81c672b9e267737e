// 36. Something made on the spot, to be saved.
import type { Check } from "./check.ts";
import { App } from "sluice";

async function* rows() {
  yield "date,level\n";
  yield "2026-03-01,14\n";
}

export const app = new App().get("/export", (c) => c.download(rows(), "levels.csv", "text/csv"));

export async function check({ ask, equal }: Check) {
  const { headers, text } = await ask("GET /export");
  equal(headers.get("content-disposition"), `attachment; filename="levels.csv"`);
  equal([headers.get("content-type"), text.length], ["text/csv", 25]);
}
