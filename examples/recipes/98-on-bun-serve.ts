// 98. An App on Bun.serve, by its fetch function.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App().get("/", () => "on Bun.serve");

export async function check({ equal }: Check) {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
  equal(await (await fetch(server.url)).text(), "on Bun.serve");
  await server.stop(true);
}
