// 07. Keys of the query; one that comes again gives a list.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { z } from "zod";

export const app = new App()
  .get("/raw", ({ query }) => query)
  .get(
    "/search",
    {
      query: z.object({
        q: z.string(),
        limit: z.coerce.number().int().max(100).default(20),
        // One tag or several: always a list.
        tag: z.preprocess((tag) => [tag ?? []].flat(), z.array(z.string())),
      }),
    },
    ({ query }) => query,
  );

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /raw?a=1&b=2&b=3")).json, { a: "1", b: ["2", "3"] });
  equal((await ask("GET /search?q=tea&tag=new")).json, { q: "tea", limit: 20, tag: ["new"] });
  equal((await ask("GET /search?q=tea&limit=many")).status, 422);
}
