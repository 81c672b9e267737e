// 52. A service known by its interface, and replaced in a test.
import type { Check } from "./check.ts";
import { App, token } from "sluice";
import { client, createTestApp } from "sluice/testing";

interface Mailer {
  send(to: string): string;
}
const mailer = token<Mailer>()("mailer");

export const app = new App()
  .provide(mailer, () => ({ send: (to) => `sent to ${to}` }))
  .post("/invite/:to", ({ deps, params }) => deps.mailer.send(params.to));

export async function check({ ask, equal }: Check) {
  equal((await ask("POST /invite/ada")).text, "sent to ada");
  const outbox: string[] = [];
  const fake = { send: (to: string) => `kept ${outbox.push(to)}` };
  const api = client(createTestApp(app, { services: { mailer: fake } }));
  const answer = await api["POST /invite/:to"]({ params: { to: "bob" } });
  equal([answer.ok && answer.data, outbox], ["kept 1", ["bob"]]);
}
