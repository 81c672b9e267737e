// 45. An unknown error is a 500 with an id that the log has, and nothing else.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App().get("/", () => {
  throw new Error("password of the database: hunter2");
});

export async function check({ serve, equal }: Check) {
  const logged: string[] = [];
  const { url } = await serve({
    observer: { failed: (error, _exchange, id) => logged.push(`${id} ${String(error)}`) },
  });
  const answer = await fetch(url);
  const body = await answer.text();
  equal([answer.status, body.includes("hunter2")], [500, false]);
  const { id } = JSON.parse(body) as { id: string };
  equal(logged, [`${id} Error: password of the database: hunter2`]);
}
