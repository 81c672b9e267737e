// 29. A body as it arrives, without holding it in memory.
import type { Check } from "./check.ts";
import { createHash } from "node:crypto";
import { App } from "sluice";

export const app = new App().put("/blob", async (c) => {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of c.stream()) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  return { size, sha256: hash.digest("hex").slice(0, 8) };
});

export async function check({ ask, equal }: Check) {
  equal((await ask("PUT /blob", { body: "abc" })).json, { size: 3, sha256: "ba7816bf" });
}
