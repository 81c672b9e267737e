// A server in a process of its own, so that its memory is its own: prints its port, answers `rss` on stdin lines.
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import type { ServeOptions } from "../../src/server/settings.ts";
import { serve } from "../../src/server/serve.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as ServeOptions;
const MIB = 1024 * 1024;

const app = new App()
  .get("/hello", () => "Hello")
  .get("/slow", async () => {
    await Bun.sleep(200);
    return "slow";
  })
  .get("/down", (c) => {
    let left = Number(new URLSearchParams(c.exchange.query).get("mib"));
    const chunk = new Uint8Array(MIB).fill(0x61);
    const size = left * MIB;
    return new Reply(
      { size, pull: () => (left-- > 0 ? chunk : null), cancel() {} },
      200,
      new HeaderList(),
    );
  })
  .post("/up", async (c) => {
    let bytes = 0;
    const body = c.exchange.body;
    if (body !== null) {
      for (let chunk = await body.pull(); chunk !== null; chunk = await body.pull())
        bytes += chunk.byteLength;
    }
    return String(bytes);
  })
  .post("/unread", async () => {
    await Bun.sleep(1_000);
    return "unread";
  });

const server = await serve(app, { port: 0, ...options });
console.log(JSON.stringify({ port: server.port }));
for await (const line of console) {
  if (line === "rss") {
    Bun.gc(true);
    console.log(
      JSON.stringify({ rss: process.memoryUsage.rss() / MIB, connections: server.connections }),
    );
  }
}
await server.close();
process.exit(0);
