import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Workspace } from "./workspace.ts";

/** What a server is started with. */
export interface Start extends Workspace {
  readonly port: number;
  readonly tls: boolean;
}

/** A server to measure. */
export interface Peer {
  readonly name: string;
  /** Writes its configuration and says what to run. */
  command(start: Start): string[];
  /** Prints its version. */
  readonly version: readonly string[];
  /** How to get it where it is missing. */
  readonly install: string;
}

const folder = join(import.meta.dir, "../peers");
const bun = process.execPath;

const main = join(import.meta.dir, "../../src/cli/main.ts");

export const peers: readonly Peer[] = [
  {
    name: "sluice",
    command: (start) => [bun, main, "-c", sluiceConfig(start)],
    version: [bun, main, "--version"],
    install: "npm ci",
  },
  {
    name: "nginx",
    command: (start) => ["nginx", "-c", nginxConfig(start), "-e", "stderr"],
    version: ["nginx", "-v"],
    install: "apt-get install nginx",
  },
  {
    name: "caddy",
    command: (start) => ["caddy", "run", "--adapter", "caddyfile", "--config", caddyfile(start)],
    version: ["caddy", "version"],
    install: "apt-get install caddy",
  },
  {
    name: "bun",
    command: (start) => [bun, join(folder, "bun.ts"), ...programArguments(start)],
    version: [bun, "--version"],
    install: "npm ci",
  },
  {
    name: "fastify",
    command: (start) => ["node", join(folder, "fastify.js"), ...programArguments(start)],
    version: [
      "node",
      "-p",
      "require('fastify/package.json').version + ' on Node ' + process.version",
    ],
    install: "npm ci",
  },
];

function programArguments({ port, root, tls, cert, key }: Start): string[] {
  return [String(port), root, ...(tls ? [cert, key] : [])];
}

/** Writes a committed configuration with the values of this run. */
function fill(file: string, start: Start, values: Record<string, string>): string {
  const all: Record<string, string> = { ...values, port: String(start.port), root: start.root };
  const text = readFileSync(join(folder, file), "utf8").replace(
    file === "nginx.conf" ? /\{(\w+)\}/g : /\{\{(\w+)\}\}/g,
    (whole, name: string) => all[name] ?? whole,
  );
  const path = join(start.temp, `${start.tls ? "tls" : "plain"}-${file}`);
  writeFileSync(path, text);
  return path;
}

function nginxConfig(start: Start): string {
  const tls = readFileSync(join(folder, "nginx-tls.conf"), "utf8")
    .replace("{cert}", start.cert)
    .replace("{key}", start.key);
  return fill("nginx.conf", start, {
    temp: start.temp,
    listen: start.tls ? "ssl http2" : "",
    tls: start.tls ? tls : "",
  });
}

function caddyfile(start: Start): string {
  return fill("Caddyfile", start, {
    scheme: start.tls ? "https" : "http",
    tls: start.tls ? `tls ${start.cert} ${start.key}` : "",
  });
}

export function sluiceConfig(start: Start, more = ""): string {
  const tls = start.tls ? `[server.tls]\ncert = "${start.cert}"\nkey = "${start.key}"` : "";
  return fill("sluice.toml", start, { tls: tls + more });
}
