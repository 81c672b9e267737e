// 74. The fields that keep browsers from harm, with a nonce for scripts.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { securityHeaders } from "sluice/middleware";

export const app = new App()
  .use(securityHeaders({ nonces: true }))
  .get("/", (c) => c.html(`<script nonce="${c.vars.nonce}">document.title = "hi"</script>`));

export async function check({ ask, equal }: Check) {
  const { headers, text } = await ask("GET /");
  equal(headers.get("x-content-type-options"), "nosniff");
  const nonce = /nonce="(.*?)"/.exec(text)?.[1];
  equal(headers.get("content-security-policy")?.includes(`'nonce-${nonce}'`), true);
}
