// 48. A middleware around one route that answers in its place.
import type { Check } from "./check.ts";
import { App, middleware } from "sluice";

const weekdays = (now: () => Date) =>
  middleware("weekdays", (c, next) =>
    now().getUTCDay() % 6 === 0 ? c.text("closed at weekends", 503) : next(),
  );

const saturday = () => new Date("2026-01-03");
const monday = () => new Date("2026-01-05");

export const app = new App()
  .get("/saturday", { use: [weekdays(saturday)] }, () => "open")
  .get("/monday", { use: [weekdays(monday)] }, () => "open");

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /saturday")).status, 503);
  equal((await ask("GET /monday")).text, "open");
}
