// 25. One route for JSON and for forms.
import type { Check } from "./check.ts";
import { App, form, json } from "sluice";
import { z } from "zod";

const Contact = z.object({ email: z.email() });

export const app = new App().post(
  "/subscribe",
  { body: [json(Contact), form(Contact)] },
  ({ body }) => `thanks, ${body.email}`,
);

export async function check({ ask, equal }: Check) {
  const email = "a@example.com";
  equal((await ask("POST /subscribe", { json: { email } })).text, `thanks, ${email}`);
  const body = new URLSearchParams({ email });
  equal((await ask("POST /subscribe", { body })).text, `thanks, ${email}`);
}
