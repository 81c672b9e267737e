// 24. A form, urlencoded or multipart, in memory.
import type { Check } from "./check.ts";
import { App, form } from "sluice";
import { z } from "zod";

const Profile = z.object({ name: z.string().min(1), photo: z.file().max(10_000).optional() });

export const app = new App().post(
  "/profile",
  { body: form(Profile) },
  ({ body }) => `${body.name}, photo of ${body.photo?.size ?? 0} bytes`,
);

export async function check({ ask, equal }: Check) {
  const fields = new URLSearchParams({ name: "Ada" });
  equal((await ask("POST /profile", { body: fields })).text, "Ada, photo of 0 bytes");
  const multipart = new FormData();
  multipart.append("name", "Ada");
  multipart.append("photo", new File(["12345"], "me.png"));
  equal((await ask("POST /profile", { body: multipart })).text, "Ada, photo of 5 bytes");
}
