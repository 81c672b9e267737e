// 94. A server is a value: an address, a port, an end.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { serve } from "sluice/server";

export const app = new App().get("/", () => "hello");

export async function check({ equal }: Check) {
  const server = await serve(app, { port: 0, host: "127.0.0.1" });
  const address = server.addresses[0];
  equal(address?.url, `http://127.0.0.1:${server.port}`);
  equal(await (await fetch(address?.url ?? "")).text(), "hello");
  await server.close();
  equal(await fetch(address?.url ?? "").catch(() => "gone"), "gone");
}
