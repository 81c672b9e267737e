// 27. How large a body may be.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App(undefined, { maxBody: "8KiB" })
  .post("/note", async (c) => (await c.text()).length)
  .post("/tweet", { maxBody: 280 }, async (c) => (await c.text()).length);

export async function check({ ask, equal }: Check) {
  const body = "x".repeat(300);
  equal((await ask("POST /note", { body })).json, 300);
  const refused = await ask("POST /tweet", { body });
  equal([refused.status, refused.json.code], [413, "body_too_large"]);
}
