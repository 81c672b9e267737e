// 87. Forms that only pages of this origin may send.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { csrf } from "sluice/auth";

export const app = new App()
  .use(csrf())
  .get("/order", (c) => c.html(`<form method="post"><button>Buy</button></form>`))
  .post("/order", () => "bought");

export async function check({ ask, equal }: Check) {
  const from = (origin: string) => ({ headers: { origin } });
  equal((await ask("POST /order", from("http://localhost"))).text, "bought");
  equal((await ask("POST /order", from("https://evil.example"))).status, 403);
}
