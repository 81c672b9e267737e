import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machine } from "./lib/machine.ts";
import { parseOptions, pick } from "./lib/options.ts";
import { cpuMicros } from "./lib/process-cpu.ts";
import { replaceInReadme } from "./lib/readme.ts";
import type { RunningServer } from "./lib/start-server.ts";
import { startServer } from "./lib/start-server.ts";
import { median, pairedRatio, spread } from "./lib/statistics.ts";
import { table } from "./lib/table.ts";
import { createWorkspace } from "./lib/workspace.ts";
import { wrk } from "./lib/wrk.ts";

const folder = join(import.meta.dir, "peers/framework");
const bun = process.execPath;

/** A framework, and the same answers on its transport alone. */
const peers = [
  { name: "sluice", command: [bun, "sluice.ts"], transport: "sluice-bare" },
  { name: "hono", command: [bun, "hono.ts"], transport: "bun" },
  { name: "elysia", command: [bun, "elysia.ts"], transport: "bun" },
  { name: "fastify", command: ["node", "fastify.js"], transport: "node" },
  { name: "sluice-bare", command: [bun, "sluice-bare.ts"] },
  { name: "bun", command: [bun, "bun.ts"] },
  { name: "node", command: ["node", "node.js"] },
];

const cases = [
  { name: "hello", path: "/hello" },
  { name: "json", path: "/json" },
  { name: "param", path: "/users/7341" },
  { name: "post", path: "/users", script: join(folder, "post.lua") },
  { name: "layers", path: "/layers" },
  { name: "big", path: "/big" },
];

/** What each of a peer's rounds measured, by case. */
interface Series {
  readonly rates: number[];
  readonly costs: number[];
  errors: number;
}

/** Function handlers that compute their value, on every side; no static routes. */
export async function run(args: readonly string[]): Promise<void> {
  const { rounds, seconds, only, cases: wanted } = parseOptions(args);
  const chosen = pick(peers, only, "peer");
  const asked = pick(cases, wanted, "case");
  const workspace = createWorkspace();
  const results = new Map<string, Series>();
  const servers: RunningServer[] = [];
  try {
    for (const { name, command } of chosen) {
      const [program, file] = command as [string, string];
      const start = ({ port }: { port: number }) => [program, join(folder, file), String(port)];
      servers.push(await startServer(name, start, workspace, false));
    }
    for (const one of asked) {
      // A round to warm up, then the order turns with every round.
      for (let round = -1; round < rounds; round++) {
        for (let turn = 0; turn < servers.length; turn++) {
          const at = (turn + Math.max(0, round)) % servers.length;
          const key = `${chosen[at]?.name} ${one.name}`;
          const measured = await measure(servers[at] as RunningServer, one, seconds);
          if (round < 0) continue;
          const series = results.get(key) ?? { rates: [], costs: [], errors: 0 };
          series.rates.push(measured.perSecond);
          series.costs.push(measured.cpu);
          series.errors += measured.errors;
          results.set(key, series);
        }
      }
      console.error(`${one.name} done`);
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    workspace.remove();
  }
  report(results, chosen, asked, rounds, seconds);
}

async function measure(server: RunningServer, one: (typeof cases)[number], seconds: number) {
  const before = cpuMicros(server.pid);
  const script = "script" in one ? one.script : undefined;
  const connections = one.name === "big" ? 16 : 64;
  const load = await wrk({ url: server.url + one.path, connections, seconds, script });
  return { ...load, cpu: (cpuMicros(server.pid) - before) / load.requests };
}

function report(
  results: ReadonlyMap<string, Series>,
  chosen: readonly (typeof peers)[number][],
  asked: readonly { name: string }[],
  rounds: number,
  seconds: number,
): void {
  const series = (peer: string, name: string) => results.get(`${peer} ${name}`);
  const cost = (peer: string, name: string) => median(series(peer, name)?.costs ?? []);
  const ratio = (peer: string, name: string) =>
    pairedRatio(series("sluice", name)?.costs ?? [], series(peer, name)?.costs ?? []);
  const own = (peer: string, name: string) => {
    const transport = peers.find((one) => one.name === peer)?.transport;
    return transport === undefined ? NaN : cost(peer, name) - cost(transport, name);
  };
  const rows = asked.flatMap(({ name }) =>
    chosen.map(({ name: peer }) => {
      const found = series(peer, name) as Series;
      return [
        `${name}, ${peer}`,
        median(found.rates).toFixed(0),
        cost(peer, name).toFixed(2),
        `${(spread(found.costs) * 100).toFixed(0)} %`,
        ratio(peer, name).toFixed(2),
        own(peer, name).toFixed(2),
        String(found.errors),
      ];
    }),
  );
  const head = [
    "case, peer",
    "requests/s",
    "CPU µs",
    "spread",
    "Sluice's ÷ it",
    "own µs",
    "errors",
  ];
  const text = [
    `${rounds} rounds of ${seconds} s, interleaved; ${machine()}.`,
    "",
    table(head, rows),
    "",
    targets(asked, ratio, own),
  ].join("\n");
  console.log(text);
  const results_ = join(import.meta.dir, "results");
  mkdirSync(results_, { recursive: true });
  const date = new Date().toISOString().slice(0, 10);
  const file = join(results_, `framework-${date}.json`);
  const all = Object.fromEntries(results);
  writeFileSync(file, `${JSON.stringify({ machine: machine(), rounds, seconds, all }, null, 1)}\n`);
  if (asked.length === cases.length && chosen.length === peers.length) {
    replaceInReadme("framework", text);
  }
}

/** What the product has promised itself, case by case. */
function targets(
  asked: readonly { name: string }[],
  ratio: (peer: string, name: string) => number,
  own: (peer: string, name: string) => number,
): string {
  const lines = asked.flatMap(({ name }) => {
    const total = (peer: string) => ratio(peer, name);
    const hono = name === "post" ? 0.95 : 1.05;
    return [
      line(`${name}: CPU ÷ Hono's`, total("hono"), hono),
      line(`${name}: CPU ÷ Elysia's`, total("elysia"), 1.15),
      line(`${name}: CPU ÷ Fastify's`, total("fastify"), 0.6),
      line(`${name}: own share, µs`, own("sluice", name), own("hono", name)),
    ];
  });
  return lines.join("\n");
}

function line(what: string, value: number, most: number): string {
  const verdict = value <= most ? "pass" : "miss";
  return `- ${verdict}: ${what} ${value.toFixed(2)}, at most ${most.toFixed(2)}`;
}
