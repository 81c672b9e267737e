// 91. Another service asked with limits, retries and a schema.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { HttpClient } from "sluice/client";
import { z } from "zod";

const weather = new App().get("/cities/:city", ({ params }) => ({
  city: params.city,
  celsius: 21,
}));

const http = new HttpClient({
  base: "https://weather.example",
  retry: 2,
  timeout: 5_000,
  fetch: weather.fetch, // left out in earnest: the platform's
});

export const app = new App().get("/trip/:city", async (c) => {
  const schema = z.object({ celsius: z.number() });
  const { city } = c.params;
  const { celsius } = await http.get("/cities/:city", { params: { city }, schema, context: c });
  return `${celsius} degrees in ${city}`;
});

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /trip/Graz")).text, "21 degrees in Graz");
}
