// 65. The tokens of a model as events; who comes back gets the rest.
import type { Check } from "./check.ts";
import { App } from "sluice";

/** Stands for a model: the whole answer is kept, so that nobody pays for it twice. */
const answer = ["Tea ", "comes ", "from ", "leaves."];

export const app = new App().get("/answers/:id", (c) =>
  c.sse(tokens(Number(c.requestHeaders.get("last-event-id") ?? -1) + 1)),
);

async function* tokens(from: number) {
  for (const [index, token] of answer.entries()) {
    if (index >= from) yield { id: String(index), data: token };
  }
  yield { event: "done", data: "" };
}

export async function check({ ask, equal }: Check) {
  const rest = await ask("GET /answers/1", { headers: { "last-event-id": "2" } });
  equal(rest.text, "id: 3\ndata: leaves.\n\nevent: done\ndata: \n\n");
  equal((await ask("GET /answers/1")).text.split("\n\n").length, 6);
}
