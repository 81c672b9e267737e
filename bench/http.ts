import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cases, transports } from "./lib/cases.ts";
import type { Case, Transport } from "./lib/cases.ts";
import { idleMemory } from "./lib/idle-memory.ts";
import { machine } from "./lib/machine.ts";
import type { BenchOptions } from "./lib/options.ts";
import { parseOptions, pick } from "./lib/options.ts";
import type { Peer } from "./lib/peers.ts";
import { peers } from "./lib/peers.ts";
import { cpuMicros, residentBytes } from "./lib/process-cpu.ts";
import { replaceInReadme } from "./lib/readme.ts";
import type { RunningServer } from "./lib/start-server.ts";
import { startServer } from "./lib/start-server.ts";
import { startTime } from "./lib/start-time.ts";
import { median, pairedRatio, spread } from "./lib/statistics.ts";
import { table } from "./lib/table.ts";
import type { Measured, Verdict } from "./lib/targets.ts";
import { sizeVerdicts, verdicts } from "./lib/targets.ts";
import { versionOf } from "./lib/version.ts";
import type { Workspace } from "./lib/workspace.ts";
import { createWorkspace } from "./lib/workspace.ts";

interface Contender {
  readonly peer: Peer;
  readonly version: string;
  readonly plain: RunningServer;
  readonly tls: RunningServer;
}

interface Memory {
  readonly peer: string;
  readonly idle: number;
  readonly plain: number;
  readonly tls: number;
}

const WARM_UP_SECONDS = 3;
const EXECUTABLES = ["dist/bin/sluice", "dist/sluice"];

/** Sluice beside its peers, in one run and in turn, so that what disturbs the machine disturbs them all. */
export async function run(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  const chosen = {
    peers: pick(peers, options.only, "server"),
    cases: pick(cases, options.cases, "case"),
    transports: pick(transports, options.transports, "transport"),
  };
  for (const [tool, install] of [
    ["wrk", "wrk"],
    ["h2load", "nghttp2-client"],
  ] as const) {
    if (Bun.which(tool) === null) throw new Error(`${tool} is missing: apt-get install ${install}`);
  }
  const workspace = createWorkspace();
  const contenders: Contender[] = [];
  try {
    const memory: Memory[] = [];
    for (const peer of chosen.peers) {
      const version = versionOf(peer.version);
      if (version === undefined) {
        console.log(`${peer.name} is missing and left out; to have it: ${peer.install}`);
        continue;
      }
      if (!options.quick) memory.push(await measureMemory(peer, workspace, options.idle));
      contenders.push({ peer, version, ...(await start(peer, workspace)) });
    }
    const results: Measured[] = [];
    for (const transport of chosen.transports) {
      for (const one of chosen.cases) {
        results.push(...(await measure(contenders, one, transport, options)));
      }
    }
    const startMs = options.quick ? [] : await measureStart(workspace, options.rounds);
    report({ options, args, contenders, results, memory, startMs });
  } finally {
    await Promise.all(contenders.flatMap(({ plain, tls }) => [plain.stop(), tls.stop()]));
    workspace.remove();
  }
}

async function start(peer: Peer, workspace: Workspace) {
  const plain = await startServer(peer.name, peer.command, workspace, false);
  try {
    return { plain, tls: await startServer(peer.name, peer.command, workspace, true) };
  } catch (error) {
    await plain.stop();
    throw error;
  }
}

/** In processes of their own, that have served nothing before. */
async function measureMemory(peer: Peer, workspace: Workspace, count: number): Promise<Memory> {
  const fresh = await start(peer, workspace);
  try {
    // What a start leaves behind is given back in a while.
    await Bun.sleep(1000);
    const idle = residentBytes(fresh.plain.pid);
    const plain = await idleMemory(fresh.plain, false, count);
    const tls = await idleMemory(fresh.tls, true, count);
    return { peer: peer.name, idle, plain: plain.open, tls: tls.open };
  } finally {
    await Promise.all([fresh.plain.stop(), fresh.tls.stop()]);
  }
}

async function measure(
  contenders: readonly Contender[],
  one: Case,
  transport: Transport,
  { rounds, seconds }: BenchOptions,
): Promise<Measured[]> {
  const samples = contenders.map(() => ({ rate: [] as number[], cpu: [] as number[], errors: 0 }));
  const { connections } = one;
  // Not counted: compilers warm up, caches fill.
  for (const contender of contenders) {
    const { url } = contender[transport.tls ? "tls" : "plain"];
    await transport.load({ url: url + one.path, connections, seconds: WARM_UP_SECONDS });
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      // Nobody is always first, or always behind the same one.
      const at = (turn + round) % contenders.length;
      const server = contenders[at]![transport.tls ? "tls" : "plain"];
      const sample = samples[at]!;
      const before = cpuMicros(server.pid);
      const load = await transport.load({ url: server.url + one.path, connections, seconds });
      const used = cpuMicros(server.pid) - before;
      sample.errors += load.errors;
      if (load.requests === 0) {
        throw new Error(`${contenders[at]!.peer.name} answered nothing in ${seconds} s`);
      }
      sample.rate.push(load.perSecond);
      sample.cpu.push(used / load.requests);
    }
  }
  const measured = contenders.map(({ peer }, at) => {
    const { rate, cpu, errors } = samples[at]!;
    return {
      peer: peer.name,
      case: one.name,
      transport: transport.name,
      perSecond: rate,
      cpuMicros: cpu,
      errors,
    };
  });
  console.log(`\n${one.name}, ${transport.name}\n${resultTable(measured)}`);
  return measured;
}

async function measureStart(workspace: Workspace, rounds: number): Promise<number[]> {
  const executable = EXECUTABLES.find((path) => existsSync(path));
  if (executable === undefined) {
    console.log(`\nno ${EXECUTABLES.join(" or ")}: "npm run build" makes it; start not measured`);
    return [];
  }
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await startTime(executable, workspace));
  return times;
}

function resultTable(results: readonly Measured[]): string {
  const cpuOf = (peer: string, { case: name, transport }: Measured) =>
    results.find((r) => r.peer === peer && r.case === name && r.transport === transport)?.cpuMicros;
  const ratio = (result: Measured, peer: string) => {
    const other = cpuOf(peer, result);
    return other === undefined ? "" : pairedRatio(result.cpuMicros, other).toFixed(2);
  };
  const number = (value: number) => (value < 100 ? value.toFixed(1) : String(Math.round(value)));
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  return table(
    ["case", "server", "requests/s", "spread", "CPU µs", "spread", "÷ nginx", "÷ Bun", "errors"],
    results.map((result) => [
      `${result.case}, ${result.transport}`,
      result.peer,
      number(median(result.perSecond)),
      percent(spread(result.perSecond)),
      number(median(result.cpuMicros)),
      percent(spread(result.cpuMicros)),
      ratio(result, "nginx"),
      ratio(result, "bun"),
      String(result.errors),
    ]),
  );
}

const mib = (bytes: number) => `${Math.round(bytes / (1 << 20))} MiB`;

function report(found: {
  options: BenchOptions;
  args: readonly string[];
  contenders: readonly Contender[];
  results: readonly Measured[];
  memory: readonly Memory[];
  startMs: readonly number[];
}): void {
  const { options, args, contenders, results, memory, startMs } = found;
  const own = memory.find(({ peer }) => peer === "sluice");
  const tenThousand = options.idle === 10_000 ? own : undefined;
  const judged: Verdict[] = [
    ...verdicts(results),
    ...sizeVerdicts({
      idle: own?.idle,
      plain: tenThousand?.plain,
      tls: tenThousand?.tls,
      startMs: startMs.length > 0 ? median(startMs) : undefined,
    }),
  ];
  const date = new Date().toISOString();
  const command = ["npm run bench -- http", ...args].join(" ");
  const versions = contenders.map(({ peer, version }) => `${peer.name} ${version}`).join("; ");
  const parts = [
    `\`${command}\`, ${date.slice(0, 10)}: ${options.rounds} rounds of ${options.seconds} s, medians; a ratio is the median of the ratios of each round; spread is (largest − smallest) ÷ median. ${machine()}. ${versions}.`,
    resultTable(results),
  ];
  if (memory.length > 0) {
    const head = ["server", "idle", `${options.idle} idle, plain`, `${options.idle} idle, TLS`];
    const rows = memory.map(({ peer, idle, plain, tls }) => [
      peer,
      mib(idle),
      mib(plain),
      mib(tls),
    ]);
    parts.push(`Resident memory, keep-alive connections:`, table(head, rows));
  }
  if (judged.length > 0) {
    const rows = judged.map(({ what, value, target, pass }) => [
      what,
      value.toFixed(2),
      target,
      pass ? "pass" : "miss",
    ]);
    parts.push("Against the targets:", table(["target", "measured", "wanted", ""], rows));
  }
  const text = parts.join("\n\n");
  console.log(`\n${text}`);
  // A part of the whole is for whoever asked, not for the record.
  if (options.only !== undefined || options.cases !== undefined || options.quick) return;
  if (options.transports !== undefined) return;
  const folder = join(import.meta.dir, "results");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `http-${date.slice(0, 10)}.json`);
  const record = { date, command, machine: machine(), versions, results, memory, startMs, judged };
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
  replaceInReadme("http", text);
}
