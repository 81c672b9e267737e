// 44. What others throw, made into answers of your own.
import type { Check } from "./check.ts";
import { App, HttpError } from "sluice";

class OutOfStock extends Error {}

export const app = new App()
  .onError((error, c) => {
    if (error instanceof OutOfStock) return c.json({ message: error.message }, 409);
    if (error instanceof RangeError) throw new HttpError(400, "range", error.message);
    return undefined; // the standard answer
  })
  .get("/buy", () => {
    throw new OutOfStock("no tea left");
  })
  .get("/range", () => {
    throw new RangeError("too far");
  });

export async function check({ ask, equal }: Check) {
  const sold = await ask("GET /buy");
  equal([sold.status, sold.json], [409, { message: "no tea left" }]);
  equal((await ask("GET /range")).json.code, "range");
}
