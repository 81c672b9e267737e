// 92. Tests without a socket: app.fetch, or the typed client on the App itself.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { client } from "sluice/testing";
import { z } from "zod";

export const app = new App().post("/double", { body: z.object({ n: z.number() }) }, ({ body }) => ({
  twice: body.n * 2,
}));

export async function check({ equal }: Check) {
  const api = client(app);
  const answer = await api["POST /double"]({ json: { n: 21 } });
  equal(answer.ok && answer.data, { twice: 42 });

  const plain = await app.fetch(new Request("http://localhost/double"));
  equal(plain.status, 405);
}
