// 09. Other methods by name, one handler for several, or one for any.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App()
  .on("PURGE")("/cache/:key", ({ params }) => `purged ${params.key}`)
  .on(["PUT", "PATCH"])("/settings", (c) => `changed by ${c.method}`)
  .all("/echo", (c) => c.method);

export async function check({ ask, equal }: Check) {
  equal((await ask("PURGE /cache/home")).text, "purged home");
  equal((await ask("PATCH /settings")).text, "changed by PATCH");
  equal((await ask("DELETE /echo")).text, "DELETE");
}
