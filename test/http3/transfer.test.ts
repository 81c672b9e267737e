import { expect, test } from "bun:test";
import { fetch3 } from "./harness.ts";
import { spawnServer } from "./spawn-server.ts";

const GIB = 1024 * 1024 * 1024;
const GROWTH = 64 * 1024 * 1024;

// Whichever way the bytes go, the server must hold no more of them than the transport has in flight.
test.each(["down", "up"] as const)(
  "1 GiB %s",
  async (way) => {
    await using server = await spawnServer({ bodyBytes: 0 });
    await (await fetch3(`${server.origin}/hello`)).text();
    const before = (await server.usage()).rss;
    let peak = before;
    let over = false;
    const watch = (async () => {
      while (!over) {
        // oxlint-disable no-await-in-loop
        peak = Math.max(peak, (await server.usage()).rss);
        await Bun.sleep(200);
        // oxlint-enable no-await-in-loop
      }
    })();
    if (way === "down") {
      const response = await fetch3(`${server.origin}/down/${GIB}`);
      let size = 0;
      for await (const chunk of response.body as ReadableStream<Uint8Array>)
        size += chunk.byteLength;
      expect(size).toBe(GIB);
    } else {
      const body = new Uint8Array(GIB);
      const response = await fetch3(`${server.origin}/up`, { method: "POST", body });
      expect(await response.text()).toBe(String(GIB));
    }
    over = true;
    await watch;
    expect(peak - before).toBeLessThan(GROWTH);
  },
  120_000,
);
