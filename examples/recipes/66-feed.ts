// 66. One feed for many clients.
import type { Check } from "./check.ts";
import { App } from "sluice";
import type { EventStream } from "sluice";

const listeners = new Set<EventStream>();

export const app = new App()
  .get("/feed", (c) =>
    c.sse(async (stream) => {
      listeners.add(stream);
      await new Promise((resolve) => stream.signal.addEventListener("abort", resolve));
      listeners.delete(stream);
    }),
  )
  .post("/feed", async (c) => {
    const text = await c.text();
    for (const stream of listeners) void stream.send(text);
    return listeners.size;
  });

export async function check({ serve, equal }: Check) {
  const { url } = await serve();
  const leaving = new AbortController();
  const listening = fetch(`${url}/feed`, { signal: leaving.signal });
  while (listeners.size === 0) await Bun.sleep(5);
  equal(await (await fetch(`${url}/feed`, { method: "POST", body: "news" })).json(), 1);
  const { value } = (await (await listening).body?.getReader().read()) ?? {};
  equal(new TextDecoder().decode(value), "data: news\n\n");
  leaving.abort();
}
