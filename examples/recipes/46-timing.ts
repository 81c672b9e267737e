// 46. A middleware: work before and after, also when something is thrown.
import type { Check } from "./check.ts";
import { App, HttpError, middleware } from "sluice";

const timed = middleware("timed", async (c, next) => {
  const start = performance.now();
  try {
    return await next();
  } finally {
    // Pending headers are on whichever answer leaves, an error's too.
    c.headers.set("Server-Timing", `app;dur=${(performance.now() - start).toFixed(1)}`);
  }
});

export const app = new App()
  .use(timed)
  .get("/", () => "hello")
  .get("/fails", () => {
    throw new HttpError(409, "conflict", "Not now.");
  });

export async function check({ ask, equal }: Check) {
  for (const path of ["/", "/fails", "/missing"]) {
    equal((await ask(`GET ${path}`)).headers.get("server-timing")?.startsWith("app;dur="), true);
  }
}
