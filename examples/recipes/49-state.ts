// 49. The application's own state, typed in every handler.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App({ visits: new Map<string, number>() }).get(
  "/visit/:page",
  ({ state, params }) => {
    const count = (state.visits.get(params.page) ?? 0) + 1;
    state.visits.set(params.page, count);
    return count;
  },
);

export async function check({ ask, equal }: Check) {
  await ask("GET /visit/home");
  equal((await ask("GET /visit/home")).json, 2);
}
