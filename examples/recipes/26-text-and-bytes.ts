// 26. Bodies that are plain text, or bytes.
import type { Check } from "./check.ts";
import { App, bytes, text } from "sluice";

export const app = new App()
  .post("/shout", { body: text() }, ({ body }) => body.toUpperCase())
  .put("/pdf", { body: bytes("application/pdf"), maxBody: "64KiB" }, ({ body }) => body.length)
  .post("/any", async (c) => `${(await c.bytes()).byteLength} bytes of whatever`);

export async function check({ ask, equal }: Check) {
  const headers = { "content-type": "text/plain" };
  equal((await ask("POST /shout", { body: "hi", headers })).text, "HI");
  equal((await ask("PUT /pdf", { body: "hi", headers })).status, 415);
  equal((await ask("POST /any", { body: "abc" })).text, "3 bytes of whatever");
}
