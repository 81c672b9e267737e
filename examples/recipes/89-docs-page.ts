// 89. A page of documentation at /docs, which needs no network.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { docs } from "sluice/openapi";

export const app = new App()
  .use(docs({ title: "Greetings", version: "1.0.0" }))
  .get("/hello/:name", { summary: "A greeting" }, ({ params }) => `Hello, ${params.name}`);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /openapi.json")).json.info.title, "Greetings");
  const page = await ask("GET /docs");
  equal([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
}
