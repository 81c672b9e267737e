// 95. Several servers in one process, each with its App.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { serve } from "sluice/server";

export const app = new App().get("/", () => "for all");
const inside = new App().get("/", () => "for the house");

export async function check({ equal }: Check) {
  const servers = [
    await serve(app, { port: 0, host: "127.0.0.1" }),
    await serve(inside, { port: 0, host: "127.0.0.1", limits: { connections: 10 } }),
  ];
  const texts = servers.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}`)).text());
  equal(await Promise.all(texts), ["for all", "for the house"]);
  for (const server of servers) await server.close();
}
