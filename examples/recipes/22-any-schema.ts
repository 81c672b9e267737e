// 22. Any Standard Schema library will do, and so will your own.
import type { Check } from "./check.ts";
import { App } from "sluice";
import type { Schema } from "sluice";

/** What `~standard` says is all there is to a schema (standardschema.dev). */
const Celsius: Schema<unknown, number> = {
  "~standard": {
    version: 1,
    vendor: "mine",
    validate: (value) =>
      typeof value === "number" && value > -273.15
        ? { value }
        : { issues: [{ message: "a temperature above absolute zero" }] },
  },
};

export const app = new App().post("/measure", { body: Celsius }, ({ body }) => body * 1.8 + 32);

export async function check({ ask, equal }: Check) {
  equal((await ask("POST /measure", { json: 100 })).json, 212);
  equal((await ask("POST /measure", { json: -300 })).status, 422);
}
