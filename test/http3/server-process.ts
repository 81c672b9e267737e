import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import type { Source } from "../../src/wire/source.ts";
import { listen } from "./harness.ts";

/**
 * A server in a process of its own, so that its memory can be watched. Prints its port; answers each line
 * it reads with what it uses.
 */
export interface Usage {
  rss: number;
  cpuMicros: number;
  connections: number;
  refused: Record<string, number>;
}

const chunk = new Uint8Array(64 * 1024).fill(0x61);

function generated(size: number): Source {
  let left = size;
  return {
    size,
    pull() {
      if (left === 0) return null;
      const part = chunk.subarray(0, Math.min(left, chunk.byteLength));
      left -= part.byteLength;
      return part;
    },
    cancel() {
      left = 0;
    },
  };
}

const app = new App()
  .get("/hello", () => "Hello")
  .get("/down/*", (c) => new Reply(generated(Number(c.rest))))
  .get("/never", () => new Promise<Reply>(() => {}))
  .all("/never-read", () => new Promise<Reply>(() => {}))
  .post("/up", async (c) => {
    let size = 0;
    const body = c.exchange.body;
    if (body === null) return "0";
    for (let part = await body.pull(); part !== null; part = await body.pull()) {
      size += part.byteLength;
    }
    return String(size);
  });

const limits = JSON.parse(process.argv[2] ?? "{}") as Record<string, number>;
const fixture = await listen(app, limits);
fixture.host.observer = {
  refused(refusal) {
    refused[refusal.code] = (refused[refusal.code] ?? 0) + 1;
  },
};
const refused: Record<string, number> = {};
console.log(fixture.listener.port);
for await (const _ of console) {
  Bun.gc(true);
  const { user, system } = process.cpuUsage();
  const usage: Usage = {
    rss: process.memoryUsage.rss(),
    cpuMicros: user + system,
    connections: fixture.door.open,
    refused,
  };
  console.log(JSON.stringify(usage));
}
process.exit();
