// 55. c.signal is aborted when the client leaves: hand it on to what can stop.
import type { Check } from "./check.ts";
import { App } from "sluice";

const gone = Promise.withResolvers<string>();

export const app = new App().get("/work", async ({ signal }) => {
  signal.addEventListener("abort", () => gone.resolve("stopped working"));
  await gone.promise; // fetch(url, { signal }), db.query(sql, { signal }) …
  return "nobody reads this";
});

export async function check({ serve, equal }: Check) {
  const { url } = await serve();
  const leaving = new AbortController();
  const asking = fetch(`${url}/work`, { signal: leaving.signal }).catch(() => "left");
  setTimeout(() => leaving.abort(), 50);
  equal(await asking, "left");
  equal(await gone.promise, "stopped working");
}
