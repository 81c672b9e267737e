import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { h2load } from "./lib/h2load.ts";
import type { LoadOptions } from "./lib/load.ts";
import { machine } from "./lib/machine.ts";
import { parseOptions, pick } from "./lib/options.ts";
import { cpuMicros, residentBytes } from "./lib/process-cpu.ts";
import type { ProxyPeer } from "./lib/proxy-peers.ts";
import { originCommand, proxyPeers } from "./lib/proxy-peers.ts";
import { replaceInReadme } from "./lib/readme.ts";
import type { RunningServer } from "./lib/start-server.ts";
import { startServer } from "./lib/start-server.ts";
import { median, pairedRatio, spread } from "./lib/statistics.ts";
import { table } from "./lib/table.ts";
import { versionOf } from "./lib/version.ts";
import { createWorkspace } from "./lib/workspace.ts";
import { wrk } from "./lib/wrk.ts";
import { wsLoad } from "./lib/ws-load.ts";

const scripts = join(import.meta.dir, "peers/proxy");

/** Not counted: compilers warm up, connections are opened. */
const WARM_UP_SECONDS = 3;

const WEBSOCKET_PEERS = ["sluice", "nginx", "haproxy", "caddy", "fastify"];
const CHAIN_PEERS = ["sluice", "sluice-chain", "haproxy", "haproxy-chain"];
/** What the runtime takes for copying the bytes, whatever they say: less no proxy on it can have. */
const PIPE = ["pipe"];
const TCP_PEERS = ["sluice-tcp", "haproxy-tcp"];

/** What is asked, and over what. Of WebSockets a request is a message that came back. */
const cases = [
  { name: "12b", path: "/hello", also: PIPE },
  { name: "1k", path: "/1k", also: PIPE },
  { name: "64k", path: "/64k" },
  { name: "1m", path: "/1m", connections: 16 },
  { name: "post-1k", path: "/upload", script: join(scripts, "post-1k.lua") },
  { name: "post-1m", path: "/upload", script: join(scripts, "post-1m.lua"), connections: 16 },
  { name: "12b-tls", path: "/hello", tls: true },
  { name: "64k-tls", path: "/64k", tls: true },
  { name: "12b-h2", path: "/hello", tls: true, load: h2load },
  { name: "64k-h2", path: "/64k", tls: true, load: h2load },
  { name: "websocket", path: "/socket", load: wsLoad, peers: WEBSOCKET_PEERS },
  // The same answer bare and behind all that a gateway does.
  { name: "chain", path: "/12b", script: join(scripts, "chain.lua"), peers: CHAIN_PEERS },
  { name: "tcp-1m", path: "/1m", connections: 16, peers: TCP_PEERS },
];
type Case = (typeof cases)[number] & {
  tls?: boolean;
  load?: (options: LoadOptions) => ReturnType<typeof wrk>;
  /** The only ones it is for. */
  peers?: readonly string[];
  /** Special ones that it is for besides. */
  also?: readonly string[];
};

/** The proxies a case is for. */
const isFor = ({ peers, also }: Case, { name, special }: ProxyPeer): boolean =>
  peers === undefined
    ? special === undefined || also?.includes(name) === true
    : peers.includes(name);

interface Series {
  readonly rates: number[];
  readonly costs: number[];
  readonly p99: number[];
  errors: number;
  /** Largest resident memory behind a round, in bytes. */
  memory: number;
}

/** Sluice beside its peers as a reverse proxy, all before one origin, in turn. */
export async function run(args: readonly string[]): Promise<void> {
  const { rounds, seconds, only, cases: wanted } = parseOptions(args);
  const chosen = pick(proxyPeers, only, "proxy").filter(({ name, version, install }) => {
    if (versionOf(version) !== undefined) return true;
    console.log(`${name} is missing and left out; to have it: ${install}`);
    return false;
  });
  const asked: readonly Case[] = pick(cases, wanted, "case");
  const workspace = createWorkspace();
  const running: RunningServer[] = [];
  const results = new Map<string, Series>();
  try {
    const origin = await startServer("origin", ({ port }) => originCommand(port), workspace, false);
    running.push(origin);
    for (const tls of [false, true]) {
      const now = asked.filter((one) => (one.tls ?? false) === tls);
      if (now.length === 0) continue;
      const servers = new Map<string, RunningServer>();
      for (const peer of chosen.filter((each) => now.some((one) => isFor(one, each)))) {
        const command = (start: { port: number }) =>
          peer.command({ ...workspace, tls, origin: origin.port, port: start.port });
        const server = await startServer(peer.name, command, workspace, tls);
        servers.set(peer.name, server);
        running.push(server);
      }
      for (const one of now) {
        const contenders = chosen.filter((each) => isFor(one, each));
        await measureCase(one, contenders, servers, results, rounds, seconds);
      }
    }
  } finally {
    await Promise.all(running.map((server) => server.stop()));
    workspace.remove();
  }
  report(results, chosen, asked, rounds, seconds);
}

/** A round to warm up, then the order turns with every round. */
async function measureCase(
  one: Case,
  contenders: readonly ProxyPeer[],
  servers: ReadonlyMap<string, RunningServer>,
  results: Map<string, Series>,
  rounds: number,
  seconds: number,
): Promise<void> {
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const at = (turn + Math.max(0, round)) % contenders.length;
      const name = (contenders[at] as ProxyPeer).name;
      const server = servers.get(name) as RunningServer;
      const before = cpuMicros(server.pid);
      const { load = wrk, path, script, connections = 64 } = one;
      const url = server.url + path;
      const seen = await load({
        url,
        connections,
        seconds: round < 0 ? WARM_UP_SECONDS : seconds,
        script,
      });
      if (round < 0) continue;
      const key = `${name} ${one.name}`;
      const series = results.get(key) ?? { rates: [], costs: [], p99: [], errors: 0, memory: 0 };
      series.rates.push(seen.perSecond);
      series.costs.push((cpuMicros(server.pid) - before) / seen.requests);
      if (seen.p99Ms !== undefined) series.p99.push(seen.p99Ms);
      series.errors += seen.errors;
      series.memory = Math.max(series.memory, residentBytes(server.pid));
      results.set(key, series);
    }
  }
  console.error(`${one.name} done`);
}

function report(
  results: ReadonlyMap<string, Series>,
  chosen: readonly ProxyPeer[],
  asked: readonly Case[],
  rounds: number,
  seconds: number,
): void {
  const of = (peer: string, name: string) => results.get(`${peer} ${name}`);
  const rate = (peer: string, name: string) => median(of(peer, name)?.rates ?? []);
  const cost = (peer: string, name: string) => median(of(peer, name)?.costs ?? []);
  /** The first one's to the second's. */
  const ratio = (of_: "rates" | "costs" | "p99", own: string, peer: string, name: string) =>
    pairedRatio(of(own, name)?.[of_] ?? [], of(peer, name)?.[of_] ?? []);
  const chain = (own: string) => {
    const bare = of(own, "chain")?.costs ?? [];
    return median(
      (of(`${own}-chain`, "chain")?.costs ?? []).map((us, at) => us - (bare[at] ?? NaN)),
    );
  };
  const rows = asked.flatMap((one) =>
    chosen
      .filter((each) => isFor(one, each))
      .map(({ name: peer }) => {
        const { name } = one;
        const own = one.peers?.find((each) => each.startsWith("sluice-")) ?? "sluice";
        const series = of(peer, name) as Series;
        return [
          `${name}, ${peer}`,
          rate(peer, name).toFixed(0),
          cost(peer, name).toFixed(1),
          `${(spread(series.costs) * 100).toFixed(0)} %`,
          series.p99.length === 0 ? "" : median(series.p99).toFixed(2),
          ratio("rates", own, peer, name).toFixed(2),
          ratio("costs", own, peer, name).toFixed(2),
          String(series.errors),
        ];
      }),
  );
  const head = [
    "case, proxy",
    "requests/s",
    "CPU µs",
    "spread",
    "p99 ms",
    "Sluice's rate ÷",
    "its CPU ÷",
    "errors",
  ];
  const memory = Math.max(...asked.map(({ name }) => of("sluice", name)?.memory ?? 0));
  const text = [
    `${rounds} rounds of ${seconds} s, interleaved, one process each, one origin; medians, a ratio is the median of the ratios of each round; ${machine()}.`,
    "",
    table(head, rows),
    "",
    ...targets(asked, ratio, chain),
    verdict("resident memory under load, MiB", memory / 2 ** 20, 150, "most"),
  ].join("\n");
  console.log(text);
  const folder = join(import.meta.dir, "results");
  mkdirSync(folder, { recursive: true });
  const date = new Date().toISOString().slice(0, 10);
  const all = { machine: machine(), rounds, seconds, all: Object.fromEntries(results) };
  writeFileSync(join(folder, `proxy-${date}.json`), `${JSON.stringify(all, null, 1)}\n`);
  if (asked.length === cases.length && chosen.length === proxyPeers.length) {
    replaceInReadme("proxy", text);
  }
}

/** Of two servers in one case, the first one's figure to the second's. */
type Ratio = (of: "rates" | "costs" | "p99", own: string, peer: string, name: string) => number;

/** What the product has promised itself. */
function targets(asked: readonly Case[], ratio: Ratio, chain: (own: string) => number): string[] {
  const lines: string[] = [];
  const names = new Set(asked.map(({ name }) => name));
  for (const name of ["12b", "1k"]) {
    if (!names.has(name)) continue;
    const to = (of: "rates" | "costs" | "p99", peer: string) => ratio(of, "sluice", peer, name);
    lines.push(
      verdict(`${name}: CPU ÷ nginx's`, to("costs", "nginx"), 1.2, "most"),
      verdict(`${name}: CPU ÷ Caddy's`, to("costs", "caddy"), 0.4, "most"),
      verdict(`${name}: requests/s ÷ nginx's`, to("rates", "nginx"), 0.8, "least"),
      verdict(`${name}: requests/s ÷ Caddy's`, to("rates", "caddy"), 2, "least"),
      verdict(`${name}: requests/s ÷ @fastify/http-proxy's`, to("rates", "fastify"), 3, "least"),
      verdict(`${name}: p99 ÷ nginx's`, to("p99", "nginx"), 1.5, "most"),
    );
  }
  if (names.has("1m")) {
    lines.push(
      verdict("1m: bytes/s ÷ nginx's", ratio("rates", "sluice", "nginx", "1m"), 1, "least"),
    );
  }
  if (names.has("chain")) {
    lines.push(
      verdict("the full chain: CPU µs above the bare proxy", chain("sluice"), 6, "most"),
      `- the same chain of HAProxy, which has no memory of tokens: ${chain("haproxy").toFixed(2)} above its bare proxy`,
    );
  }
  return lines;
}

function verdict(what: string, value: number, bound: number, side: "most" | "least"): string {
  const holds = side === "most" ? value <= bound : value >= bound;
  return `- ${holds ? "pass" : "miss"}: ${what} ${value.toFixed(2)}, at ${side} ${bound.toFixed(2)}`;
}
