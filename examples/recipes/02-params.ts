// 02. Parameters of the path, typed from its literal.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App().get(
  "/shops/:shop/items/:item",
  ({ params }) => `${params.item} at ${params.shop}`,
);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /shops/corner/items/green%20tea")).text, "green tea at corner");
}
