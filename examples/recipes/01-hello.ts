// 01. An App answers: a string is text, a value is JSON.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App().get("/", () => "Hello").get("/json", () => ({ hello: "world" }));

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /")).text, "Hello");
  equal((await ask("GET /json")).json, { hello: "world" });
}
