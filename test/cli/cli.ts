import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { run } from "../../src/cli/run.ts";
import type { Shell } from "../../src/cli/shell.ts";

const MAIN = join(import.meta.dir, "../../src/cli/main.ts");

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What tests start with: no SLUICE_ variables of their surroundings. */
function environment(env: Record<string, string>): Record<string, string> {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith("SLUICE_"));
  return { ...(Object.fromEntries(clean) as Record<string, string>), ...env };
}

function spawn(args: readonly string[], cwd: string, env: Record<string, string>) {
  return Bun.spawn([process.execPath, "--no-env-file", MAIN, ...args], {
    cwd,
    env: environment(env),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Runs a command to its end, as a person would. */
export async function sluice(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Finished> {
  const child = spawn(args, cwd, env);
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, err };
}

/** Runs a command in this process: for what ends before it touches more than its arguments. */
export async function inProcess(args: readonly string[], cwd: string): Promise<Finished> {
  const written = { out: "", err: "" };
  const shell: Shell = {
    env: {},
    cwd,
    tty: false,
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    color: () => false,
  };
  return { code: await run(args, shell), ...written };
}

export interface Running {
  /** The JSON line it said when it listened. */
  readonly started: {
    addresses: { url: string; protocols: string[] }[];
    root?: string;
    config?: string;
    pid: number;
  };
  readonly url: string;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number>;
}

/** Starts a server and waits until it listens. @throws with what it wrote if it does not */
export async function serving(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Running> {
  const child = spawn(args, cwd, env);
  const reader = child.stdout.getReader();
  let out = "";
  while (!out.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`it ended: ${out}${await new Response(child.stderr).text()}`);
    out += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  const started = JSON.parse(out.slice(0, out.indexOf("\n"))) as Running["started"];
  return {
    started,
    url: (started.addresses[0] as { url: string }).url,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return child.exited;
    },
  };
}

/** A temporary folder with these files, removed by `dispose`. */
export function folder(files: Record<string, string> = {}): {
  path: string;
  [Symbol.dispose](): void;
} {
  const path = mkdtempSync(join(tmpdir(), "sluice-cli-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
