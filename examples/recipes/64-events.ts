// 64. Server-sent events for as long as the client stays.
import type { Check } from "./check.ts";
import { App } from "sluice";

let open = 0;

export const app = new App().get("/ticks", (c) =>
  c.sse(async (stream) => {
    open++;
    for (let n = 1; !stream.closed; n++) {
      await stream.send({ id: String(n), event: "tick", data: { n } }); // as fast as it is read
      await Bun.sleep(5);
    }
    open--;
  }),
);

export async function check({ serve, equal }: Check) {
  const { url } = await serve();
  const leaving = new AbortController();
  const answer = await fetch(`${url}/ticks`, { signal: leaving.signal });
  equal(answer.headers.get("content-type"), "text/event-stream");
  const { value } = (await answer.body?.getReader().read()) ?? {};
  equal(new TextDecoder().decode(value).startsWith(`event: tick\nid: 1\ndata: {"n":1}\n\n`), true);
  equal(open, 1);
  leaving.abort(); // leaves in the middle
  while (open > 0) await Bun.sleep(5);
  equal(open, 0);
}
