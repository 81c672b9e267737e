#!/usr/bin/env node
// Starts the command line on Bun, which comes as a dependency, for people who have installed with npm.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
// The very files that an application imports as "sluice" on Bun, so that there is one copy of each.
const main = join(root, "src", "cli", "main.ts");

if (process.versions.bun !== undefined) await import(main);
else start(findBun());

/** The binary of the package "bun", or the one on the PATH where that was not installed. */
function findBun() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("bun/package.json"));
    const binary = join(folder, "bin", "bun.exe");
    if (existsSync(binary)) return isPlaceholder(binary) ? unpacked(folder) : binary;
  } catch {
    // Not installed: maybe it is on the PATH.
  }
  return "bun";
}

/** What lies there until the script of the package has run, which npm and pnpm may be told not to do. */
function isPlaceholder(binary) {
  return statSync(binary).size < 65_536;
}

/** The binary where that script would have taken it from: a package for this system, beside "bun". */
function unpacked(folder) {
  const { optionalDependencies = {} } = createRequire(import.meta.url)("bun/package.json");
  const name = process.platform === "win32" ? "bun.exe" : "bun";
  const resolver = createRequire(join(folder, "package.json"));
  for (const one of Object.keys(optionalDependencies)) {
    try {
      const binary = join(dirname(resolver.resolve(`${one}/package.json`)), "bin", name);
      const { status } = spawnSync(binary, ["--version"], { stdio: "ignore" });
      if (status === 0) return binary;
    } catch {
      // A package for another system, which was left out.
    }
  }
  return "bun";
}

function start(bun) {
  // What lies in the directory that is served is no configuration of the runtime.
  const args = ["--no-env-file", "--config=/dev/null", main, ...process.argv.slice(2)];
  const child = spawn(bun, args, { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"];
  for (const signal of signals) process.on(signal, () => forward(child, signal));
  child.on("error", (error) => {
    const missing = error.code === "ENOENT";
    process.stderr.write(
      missing
        ? 'error: Bun is missing\n  = help: reinstall with "npm install" (without --ignore-scripts), or see https://bun.sh\n'
        : `error: cannot start Bun: ${error.message}\n`,
    );
    process.exitCode = 127;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal];
    // The listeners above would keep nothing alive, but a parent expects to see the signal itself.
    if (signal !== null) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}

/** A terminal sends Ctrl-C to both processes already; a second one would end the server at once. */
function forward(child, signal) {
  if (signal === "SIGINT" && process.stdin.isTTY) return;
  child.kill(signal);
}
