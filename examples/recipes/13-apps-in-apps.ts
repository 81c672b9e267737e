// 13. An App under a prefix keeps its own state and errors.
import type { Check } from "./check.ts";
import { App } from "sluice";

const admin = new App({ role: "admin" })
  .get("/", ({ state }) => `for the ${state.role}`)
  .get("/reports/:year", ({ params }) => `report ${params.year}`);

export const app = new App().get("/", () => "home").route("/admin", admin);

export async function check({ ask, equal }: Check) {
  equal((await ask("GET /")).text, "home");
  equal((await ask("GET /admin")).text, "for the admin");
  equal((await ask("GET /admin/reports/2026")).text, "report 2026");
}
