import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import type { Start } from "./peers.ts";

/** What a proxy is started with. */
export interface ProxyStart extends Start {
  /** Port of the origin. */
  readonly origin: number;
}

export interface ProxyPeer {
  readonly name: string;
  /** Only for the cases that name it. */
  readonly special?: true;
  command(start: ProxyStart): string[];
  readonly version: readonly string[];
  readonly install: string;
}

const folder = join(import.meta.dir, "../peers/proxy");
const bun = process.execPath;
const main = join(import.meta.dir, "../../src/cli/main.ts");

export const proxyPeers: readonly ProxyPeer[] = [
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
    name: "haproxy",
    command: (start) => ["haproxy", "-db", "-f", haproxyConfig(start)],
    version: ["haproxy", "-v"],
    install: "apt-get install haproxy",
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
    version: ["node", "-p", "require('@fastify/http-proxy/package.json').version"],
    install: "npm ci",
  },
  {
    name: "sluice-chain",
    special: true,
    command: (start) => [bun, main, "-c", chainConfig(start)],
    version: [bun, main, "--version"],
    install: "npm ci",
  },
  {
    name: "haproxy-chain",
    special: true,
    command: (start) => {
      const log = join(start.temp, "haproxy-chain.log");
      const config = fill("haproxy-chain.cfg", start, {});
      return ["sh", "-c", 'exec haproxy -db -f "$0" > "$1"', config, log];
    },
    version: ["haproxy", "-v"],
    install: "apt-get install haproxy",
  },
  {
    name: "pipe",
    special: true,
    command: (start) => [bun, join(folder, "pipe.ts"), ...programArguments(start)],
    version: [bun, "--version"],
    install: "npm ci",
  },
  {
    name: "sluice-tcp",
    special: true,
    command: (start) => [bun, main, "-c", fill("sluice-tcp.toml", start, {})],
    version: [bun, main, "--version"],
    install: "npm ci",
  },
  {
    name: "haproxy-tcp",
    special: true,
    command: (start) => ["haproxy", "-db", "-f", fill("haproxy-tcp.cfg", start, {})],
    version: ["haproxy", "-v"],
    install: "apt-get install haproxy",
  },
];

/** What all of them ask. */
export function originCommand(port: number): string[] {
  return [bun, join(folder, "origin.ts"), String(port)];
}

function programArguments({ port, origin, tls, cert, key }: ProxyStart): string[] {
  return [String(port), String(origin), ...(tls ? [cert, key] : [])];
}

/** Writes a committed configuration with the values of this run. */
function fill(file: string, start: ProxyStart, values: Record<string, string>): string {
  const { port, origin, tls, temp } = start;
  const all: Record<string, string> = { ...values, port: String(port), origin: String(origin) };
  const marks = file === "nginx.conf" ? /\{(\w+)\}/g : /\{\{(\w+)\}\}/g;
  const text = readFileSync(join(folder, file), "utf8");
  const path = join(temp, `proxy-${tls ? "tls" : "plain"}-${file}`);
  writeFileSync(
    path,
    text.replace(marks, (whole, name: string) => all[name] ?? whole),
  );
  return path;
}

function sluiceConfig(start: ProxyStart): string {
  const { tls, cert, key } = start;
  const section = `[server.tls]\ncert = "${cert}"\nkey = "${key}"`;
  return fill("sluice.toml", start, { tls: tls ? section : "" });
}

function chainConfig(start: ProxyStart): string {
  return fill("sluice-chain.toml", start, { temp: start.temp, admin: String(freePort()) });
}

function nginxConfig(start: ProxyStart): string {
  const { tls, temp, cert, key } = start;
  return fill("nginx.conf", start, {
    temp,
    listen: tls ? "ssl http2" : "",
    tls: tls ? `ssl_certificate ${cert};\n    ssl_certificate_key ${key};` : "",
  });
}

function haproxyConfig(start: ProxyStart): string {
  const { tls, temp, cert, key } = start;
  const pair = join(temp, "haproxy.pem");
  if (tls)
    writeFileSync(pair, readFileSync(cert, "utf8") + readFileSync(key, "utf8"), { mode: 0o600 });
  return fill("haproxy.cfg", start, { tls: tls ? `ssl crt ${pair} alpn h2,http/1.1` : "" });
}

function caddyfile(start: ProxyStart): string {
  const { tls, cert, key } = start;
  return fill("Caddyfile", start, {
    scheme: tls ? "https" : "http",
    tls: tls ? `tls ${cert} ${key}` : "",
  });
}
