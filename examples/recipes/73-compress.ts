// 73. Answers compressed as the client likes best.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { compress } from "sluice/middleware";

export const app = new App()
  .use(compress())
  .get("/long", () => "many words ".repeat(1000))
  .get("/short", () => "few words");

export async function check({ ask, equal }: Check) {
  const coding = async (path: string) => {
    const { headers } = await ask(`GET ${path}`, { headers: { "accept-encoding": "gzip" } });
    return headers.get("content-encoding");
  };
  equal([await coding("/long"), await coding("/short")], ["gzip", null]);
}
