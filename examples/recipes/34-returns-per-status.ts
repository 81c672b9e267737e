// 34. A declared answer for each status.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { z } from "zod";

const jobs = new Map([
  ["1", 100],
  ["2", 40],
]);

export const app = new App().get(
  "/jobs/:id",
  {
    returns: {
      200: z.object({ result: z.string() }),
      202: z.object({ percent: z.number() }),
    },
  },
  (c) => {
    const percent = jobs.get(c.params.id) ?? 0;
    if (percent < 100) return c.json({ percent }, 202); // another shape is a compile error
    return { result: "done" };
  },
);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /jobs/1")).json, { result: "done" });
  const waiting = await ask("GET /jobs/2");
  equal([waiting.status, waiting.json], [202, { percent: 40 }]);
}
