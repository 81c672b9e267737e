// 12. Routes of one host, or of all below a domain.
import type { Check } from "./check.ts";
import { App } from "sluice";

const api = new App().get("/", () => "the API");
const tenants = new App().get("/", (c) => `the page of ${c.host.split(".")[0]}`);

export const app = new App()
  .host("api.example.com", api)
  .host("*.example.com", tenants)
  .get("/", () => "somewhere else");

export async function check({ ask, equal }: Check) {
  equal((await ask("GET http://api.example.com/")).text, "the API");
  equal((await ask("GET http://acme.example.com/")).text, "the page of acme");
  equal((await ask("GET http://example.org/")).text, "somewhere else");
}
