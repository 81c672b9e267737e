// 68. Messages as JSON that a schema checks, with an App's own client.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { testClient } from "sluice/testing";
import { z } from "zod";

const Move = z.object({ x: z.number(), y: z.number() });

export const app = new App().ws("/games/:id", {
  schema: Move,
  data: ({ params }) => ({ game: params.id, moves: 0 }),
  message(ws, { x, y }) {
    ws.data.moves++;
    ws.sendJson({ game: ws.data.game, move: ws.data.moves, at: [x, y] });
  },
  invalid: (ws, issues) => ws.sendJson({ error: issues[0]?.message }),
});

export async function check({ equal }: Check) {
  await using test = testClient(app);
  const socket = await test.api["WS /games/:id"]({ params: { id: "7" } });
  const next = () =>
    new Promise<unknown>((resolve) => {
      socket.addEventListener("message", ({ data }) => resolve(JSON.parse(data)), { once: true });
    });
  socket.send(`{"x":1,"y":2}`);
  equal(await next(), { game: "7", move: 1, at: [1, 2] });
  socket.send(`{"x":"far"}`);
  equal(Object.keys((await next()) as object), ["error"]);
  socket.close();
}
