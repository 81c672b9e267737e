import { networkInterfaces } from "node:os";
import { relative } from "node:path";
import type { Config } from "../config/schema/config.ts";
import type { ServerAddress } from "../server/serve.ts";
import type { Shell } from "./shell.ts";
import { styles } from "./shell.ts";
import { VERSION } from "./version.ts";

export interface Started {
  readonly addresses: readonly ServerAddress[];
  readonly config: Config;
  /** The configuration file, if there is one. */
  readonly file: string | undefined;
  /** Milliseconds from the start of the process. */
  readonly startMs: number;
}

/** What is said once a server listens: for people in a terminal, one line of JSON elsewhere. */
export function banner(started: Started, shell: Shell): string {
  return shell.tty ? forPeople(started, shell) : `${JSON.stringify(forMachines(started))}\n`;
}

function forMachines({ addresses, config, file, startMs }: Started): object {
  return {
    ts: new Date().toISOString(),
    level: "info",
    event: "listening",
    version: VERSION,
    pid: process.pid,
    addresses,
    ...(file !== undefined && { config: file }),
    ...(file === undefined && { root: rootOf(config) }),
    start_ms: startMs,
  };
}

function forPeople({ addresses, config, file, startMs }: Started, shell: Shell): string {
  const { bold, dim, cyan, green } = styles(shell.color("out"));
  const lines = [`${bold("sluice")} ${dim(VERSION)}  ready in ${startMs} ms`, ""];
  const reachable = addresses.flatMap(whereFrom);
  const width = Math.max(...reachable.map(({ url }) => url.length));
  for (const { url, protocols } of reachable) {
    lines.push(`  ${green("→")} ${cyan(url.padEnd(width))}  ${dim(protocols.join(" "))}`);
  }
  const root = rootOf(config);
  if (file !== undefined)
    lines.push(`  config  ${near(file, shell)}, ${count(config.route.length, "route")}`);
  else if (root !== undefined) lines.push(`  root    ${near(root, shell)}`);
  if (config.server.host === "127.0.0.1" && file === undefined) {
    lines.push(dim("  from this machine only; --host 0.0.0.0 opens it"));
  }
  lines.push(dim("  Ctrl-C stops"), "");
  return `${lines.join("\n")}\n`;
}

/** An address that means "every address" cannot be opened: what can is shown instead. */
function whereFrom({ url, protocols }: ServerAddress): ServerAddress[] {
  const every = /\/\/(0\.0\.0\.0|\[::\])(?=:)/.exec(url);
  if (every === null) return [{ url, protocols }];
  const outside = Object.values(networkInterfaces())
    .flat()
    .filter((one) => one !== undefined && one.family === "IPv4" && !one.internal)
    .map((one) => (one as { address: string }).address);
  return ["localhost", ...outside].map((host) => ({
    url: url.replace(every[0], `//${host}`),
    protocols,
  }));
}

function rootOf(config: Config): string | undefined {
  for (const { action } of config.route) if (action.type === "static") return action.root;
  return undefined;
}

function near(path: string, shell: Shell): string {
  const name = relative(shell.cwd, path);
  if (name === "") return ".";
  return name.startsWith("..") ? path : name;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
