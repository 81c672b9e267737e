// 93. Tests with another state and other services.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { client, createTestApp } from "sluice/testing";

export const app = new App({ greeting: "Good day" })
  .provide("clock", () => ({ now: () => new Date() }))
  .get("/", ({ state, deps }) => `${state.greeting}, it is ${deps.clock.now().getUTCHours()} h`);

export async function check({ equal }: Check) {
  const noon = { now: () => new Date("2026-01-01T12:00:00Z") };
  const test = createTestApp(app, { state: { greeting: "Hi" }, services: { clock: noon } });
  const answer = await client(test)["GET /"]();
  equal(answer.ok && answer.data, "Hi, it is 12 h");
}
