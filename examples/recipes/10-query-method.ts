// 10. QUERY: a safe request with a body.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { z } from "zod";

const Filter = z.object({ minPrice: z.number() });
const prices = [3, 5, 8];

export const app = new App().query("/prices", { body: Filter }, ({ body }) =>
  prices.filter((price) => price >= body.minPrice),
);

export async function check({ ask, equal }: Check) {
  equal((await ask("QUERY /prices", { json: { minPrice: 5 } })).json, [5, 8]);
}
