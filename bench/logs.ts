import { join } from "node:path";
import { App } from "../src/core/app.ts";
import { logObserver } from "../src/server/log-observer.ts";
import { serve } from "../src/server/serve.ts";
import { createAccessLog } from "../src/telemetry/access-log.ts";
import { createErrorLog } from "../src/telemetry/error-log.ts";
import { parseOptions } from "./lib/options.ts";
import { cpuMicros } from "./lib/process-cpu.ts";
import { startServer } from "./lib/start-server.ts";
import { median, pairedRatio, spread } from "./lib/statistics.ts";
import { table } from "./lib/table.ts";
import { createWorkspace } from "./lib/workspace.ts";
import { wrk } from "./lib/wrk.ts";

const FORMATS = ["off", "json", "combined"] as const;
type Format = (typeof FORMATS)[number];

/** Plain text with the access log off, and written to a file in each format. Target: ≤ 10 % of throughput. */
export async function run(args: readonly string[]): Promise<void> {
  const [mode, port, format, file] = args;
  if (mode === "serve") return serveOne(Number(port), format as Format, file as string);
  const { rounds, seconds } = parseOptions(args);
  const workspace = createWorkspace();
  const self = join(import.meta.dir, "run.ts");
  const servers = await Promise.all(
    FORMATS.map((name) => {
      const log = join(workspace.temp, `${name}.log`);
      const command = ({ port: own }: { port: number }) => [
        process.execPath,
        self,
        "logs",
        "serve",
        String(own),
        name,
        log,
      ];
      return startServer(name, command, workspace, false);
    }),
  );
  const rates: number[][] = FORMATS.map(() => []);
  const costs: number[][] = FORMATS.map(() => []);
  try {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < servers.length; turn++) {
        const at = (turn + round) % servers.length;
        const server = servers[at]!;
        const before = cpuMicros(server.pid);
        const load = await wrk({ url: `${server.url}/hello`, connections: 64, seconds });
        rates[at]!.push(load.perSecond);
        costs[at]!.push((cpuMicros(server.pid) - before) / load.requests);
      }
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    workspace.remove();
  }
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const rows = FORMATS.map((name, at) => [
    name,
    median(rates[at]!).toFixed(0),
    percent(spread(rates[at]!)),
    percent(1 - pairedRatio(rates[at]!, rates[0]!)),
    median(costs[at]!).toFixed(2),
    percent(pairedRatio(costs[at]!, costs[0]!) - 1),
  ]);
  console.log(
    table(["access log", "requests/s", "spread", "slower by", "CPU µs", "more by"], rows),
  );
}

async function serveOne(port: number, format: Format, file: string): Promise<void> {
  const errors = createErrorLog({ level: "info", format: "json", output: "stderr" });
  const report = (message: string) => errors.warn(message);
  const access = format === "off" ? undefined : createAccessLog({ format, output: file, report });
  const app = new App().get("/hello", () => "Hello, World!");
  await serve(app, { port, observer: logObserver(access, errors) });
  await new Promise(() => {});
}
