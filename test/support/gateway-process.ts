// A gateway in a process of its own: `bun gateway-process.ts FILE`. Prints its port; answers a line on standard
// input with a line of what it holds.
import { readdirSync, readFileSync } from "node:fs";
import { startGateway } from "./gateway.ts";

const gateway = await startGateway(readFileSync(process.argv[2] as string, "utf8"));
console.log(JSON.stringify({ port: gateway.port }));
for await (const _ of console) {
  Bun.gc(true);
  const [upstream] = gateway.upstreams;
  console.log(
    JSON.stringify({
      rss: process.memoryUsage.rss() / (1024 * 1024),
      connections: gateway.server.connections,
      descriptors: readdirSync("/proc/self/fd").length,
      inFlight: upstream?.load.inFlight ?? 0,
    }),
  );
}
await gateway.close();
process.exit(0);
