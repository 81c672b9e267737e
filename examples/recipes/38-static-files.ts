// 38. A directory, beside routes.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { staticFiles } from "sluice/files";

const site = `${import.meta.dirname}/../site`;

export const app = new App()
  .get("/api/hello", () => "Hello")
  .add({ path: "/*", methods: ["GET"], handler: staticFiles(site) });

export async function check({ ask, equal }: Check) {
  const page = await ask("GET /");
  equal([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  equal((await ask("GET /api/hello")).text, "Hello");
  equal((await ask("GET /none.css")).status, 404);
}
