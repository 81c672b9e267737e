// 97. HTTPS with HTTP/2 and HTTP/3, with a certificate for development.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { createDevelopmentCertificate } from "sluice/server";

export const app = new App().get("/", (c) => `${c.scheme} by ${c.exchange.protocol}`);

export async function check({ serve, equal }: Check) {
  const made = createDevelopmentCertificate({ names: ["localhost"] });
  const { port } = await serve({ tls: { certificates: [made] } });
  const answer = await fetch(`https://localhost:${port}/`, { tls: { rejectUnauthorized: false } });
  equal((await answer.text()).startsWith("https by HTTP/"), true);
}
