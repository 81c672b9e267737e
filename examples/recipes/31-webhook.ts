// 31. The bytes of a body as they came, to check who signed them.
import type { Check } from "./check.ts";
import { createHmac } from "node:crypto";
import { App, HttpError, rawBody } from "sluice";
import { timingSafeEqual } from "sluice/auth";

const secret = "a secret that both sides know";
const sign = (body: Uint8Array | string) => createHmac("sha256", secret).update(body).digest("hex");

export const app = new App().post("/hook", { with: { raw: rawBody() } }, async (c) => {
  const sent = c.requestHeaders.get("x-signature") ?? "";
  if (!(await timingSafeEqual(sent, sign(c.vars.raw)))) {
    throw new HttpError(401, "bad_signature", "The signature does not fit the body.");
  }
  const event = JSON.parse(new TextDecoder().decode(c.vars.raw)) as { type: string };
  return `got ${event.type}`;
});

export async function check({ ask, equal }: Check) {
  const body = `{"type":"paid"}`;
  const good = { "x-signature": sign(body) };
  equal((await ask("POST /hook", { body, headers: good })).text, "got paid");
  equal((await ask("POST /hook", { body, headers: { "x-signature": "0" } })).status, 401);
}
