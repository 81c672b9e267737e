import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "./lib/run-command.ts";
import { table } from "./lib/table.ts";
import type { CallFigures } from "./sandbox/calls.ts";
import type { KillFigures } from "./sandbox/kills.ts";

/** What is measured, each in a process of its own. */
const PARTS = ["calls", "peers", "kills", "idle"] as const;
type Part = (typeof PARTS)[number];
/** What `npm run bench -- sandbox-loader` prints, which comes last. */
const LOADER = "loader";

/**
 * Calls with 1 KB of JSON inline, on threads and in a process, beside Extism and JavaScript's own means (medians of
 * rounds in which each has its turn; CPU is that of the server's thread); how late endless guests are stopped; what
 * idle instances take.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: "string" },
      seconds: { type: "string", default: "2" },
      kills: { type: "string", default: "1000" },
    },
  });
  const [mode, part] = positionals;
  if (mode === "part") {
    console.log(
      JSON.stringify(await measure(part as Part, Number(values.seconds), Number(values.kills))),
    );
    return;
  }
  const wanted = values.only?.split(",") ?? [...PARTS, LOADER];
  const results = new Map<string, unknown>();
  const bench = [process.execPath, join(import.meta.dir, "run.ts")];
  for (const name of wanted) {
    if (name === LOADER) continue;
    if (!PARTS.includes(name as Part))
      throw new Error(`no part ${name}: there are ${[...PARTS, LOADER].join(", ")}`);
    const options = ["--seconds", values.seconds, "--kills", values.kills];
    const command = [...bench, "sandbox", "part", name, ...options];
    results.set(name, JSON.parse(await runCommand(command, 300_000)));
  }
  const calls = [
    ...((results.get("calls") ?? []) as CallFigures[]),
    ...((results.get("peers") ?? []) as CallFigures[]),
  ];
  if (calls.length > 0) {
    const micros = (value: number | null): string => (value === null ? "–" : value.toFixed(1));
    const rows = calls.map(({ what, p50, p99, perSecond, cpu }) => [
      what,
      micros(p50),
      micros(p99),
      perSecond.toFixed(0),
      micros(cpu),
    ]);
    const columns = ["call with 1 KB of JSON", "p50 µs", "p99 µs", "calls/s", "CPU µs"];
    console.log(`${table(columns, rows)}\n`);
  }
  const kills = results.get("kills") as KillFigures[] | undefined;
  if (kills !== undefined) {
    const rows = kills.map((one) => [
      one.what,
      String(one.kills),
      ...[one.p50, one.p99, one.worst, one.cpu].map((ms) => ms?.toFixed(2) ?? "–"),
    ]);
    const columns = ["endless guests", "stopped", "p50 ms late", "p99", "worst", "CPU ms, p50"];
    console.log(`${table(columns, rows)}\n`);
  }
  const idle = results.get("idle") as number | undefined;
  if (idle !== undefined) console.log(`1,000 idle instances: ${idle.toFixed(1)} MiB\n`);
  if (wanted.includes(LOADER)) console.log(await runCommand([...bench, "sandbox-loader"], 300_000));
}

async function measure(part: Part, seconds: number, kills: number): Promise<unknown> {
  switch (part) {
    case "calls":
      return (await import("./sandbox/calls.ts")).measureCalls(seconds);
    case "peers":
      return (await import("./sandbox/peers.ts")).measurePeers(seconds);
    case "kills": {
      const { measureKills } = await import("./sandbox/kills.ts");
      return [
        await measureKills("inline", kills),
        await measureKills("worker", kills),
        await measureKills("process", Math.ceil(kills / 10)),
      ];
    }
    case "idle":
      return (await import("./sandbox/idle.ts")).measureIdle(1000);
  }
}
