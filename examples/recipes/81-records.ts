// 81. A record of every request, once its answer has left.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { logger } from "sluice/middleware";

const lines: string[] = [];

export const app = new App()
  .use(
    logger({
      log: ({ method, target, status }) => lines.push(`${method} ${target} ${status}`),
      skip: (c) => c.path === "/healthz",
    }),
  )
  .get("/", () => "hello")
  .get("/healthz", () => "ok");

export async function check({ ask, equal }: Check) {
  await ask("GET /?a=1");
  await ask("GET /healthz");
  await ask("GET /missing");
  equal(lines, ["GET /?a=1 200", "GET /missing 404"]);
}
