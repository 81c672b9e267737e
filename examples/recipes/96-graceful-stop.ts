// 96. A stop that lets open requests finish.
import type { Check } from "./check.ts";
import { App } from "sluice";

const began = Promise.withResolvers<void>();

export const app = new App().get("/slow", async () => {
  began.resolve();
  await Bun.sleep(50);
  return "finished";
});

export async function check({ serve, equal }: Check) {
  const server = await serve({ drainMs: 5_000 });
  const asked = fetch(`${server.url}/slow`).then((answer) => answer.text());
  await began.promise;
  await server.drain(); // on SIGTERM: process.once("SIGTERM", () => server.drain())
  equal(await asked, "finished");
}
