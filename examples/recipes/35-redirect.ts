// 35. Elsewhere, for now or for good.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App()
  .get("/old", (c) => c.redirect("/new", 308))
  .post("/orders", (c) => c.redirect("/orders/1", 303)) // to be fetched with GET
  .get("/go", (c) => c.redirect("/übersicht"));

export async function check({ ask, equal }: Check) {
  const seen = async (line: string) => {
    const { status, headers } = await ask(line);
    return [status, headers.get("location")];
  };
  equal(await seen("GET /old"), [308, "/new"]);
  equal(await seen("POST /orders"), [303, "/orders/1"]);
  equal(await seen("GET /go"), [302, "/%C3%BCbersicht"]);
}
