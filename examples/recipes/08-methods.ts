// 08. HEAD, OPTIONS and 405 come with every route.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App()
  .get("/notes", () => ["first"])
  .post("/notes", (c) => c.json({ id: 2 }, 201));

export async function check({ ask, equal }: Check) {
  const head = await ask("HEAD /notes");
  equal([head.status, head.headers.get("content-type"), head.text], [200, "application/json", ""]);
  const options = await ask("OPTIONS /notes");
  equal([options.status, options.headers.get("allow")], [204, "GET, HEAD, OPTIONS, POST"]);
  const wrong = await ask("DELETE /notes");
  equal([wrong.status, wrong.headers.get("allow")], [405, "GET, HEAD, OPTIONS, POST"]);
}
