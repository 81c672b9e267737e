import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { loadConfig } from "../config/load.ts";
import type { Arguments, Options } from "./command.ts";
import { UsageError } from "./command.ts";
import { DEFAULT_FILE } from "./config-options.ts";
import type { Shell } from "./shell.ts";
import { styles } from "./shell.ts";

/** Where the admin listener is unless the configuration says another. */
const DEFAULT_URL = "http://127.0.0.1:9180";

/** Options that say which server is meant. */
export const adminOptions = {
  url: { value: "URL", help: "The admin listener; where the configuration has it if left out" },
  config: { short: "c", value: "FILE", help: `Find it in FILE instead of ./${DEFAULT_FILE}` },
} satisfies Options;
/** How long the server may take to answer. */
export const PATIENCE_MS = 5_000;

/** What came in the way of asking a server, for the person who typed the command. */
export interface Problem {
  readonly problem: string;
  readonly help: string;
}

/** An address below the admin listener's. @throws UsageError */
export function adminAddress({ options }: Arguments, path: string, shell: Shell): URL {
  const url = options["url"];
  const text = typeof url === "string" ? url : configuredAddress(options["config"], shell);
  const address = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (address === null || !/^https?:$/.test(address.protocol)) {
    throw new UsageError(`--url ${text} is no address`, `write it as ${DEFAULT_URL}`);
  }
  return new URL(path, address);
}

/** Where a configuration has the admin listener. What else is wrong with it does not matter here. */
function configuredAddress(named: string | true | undefined, shell: Shell): string {
  const file = typeof named === "string" ? named : DEFAULT_FILE;
  const isThere = existsSync(resolve(shell.cwd, file));
  if (!isThere && named !== undefined) throw new UsageError(`there is no file ${file}`);
  const { env, cwd } = shell;
  const { tree } = loadConfig({ file: isThere ? file : undefined, env, cwd, withoutSecrets: true });
  const admin = tree.get(["admin"]);
  if (admin === undefined && named !== undefined) {
    throw new UsageError(
      `${file} has no [admin]`,
      "add it, and start the server anew or reload it",
    );
  }
  const { host = "127.0.0.1", port = 9180 } = (admin ?? {}) as { host?: unknown; port?: unknown };
  const name = String(host);
  // What listens on all addresses is asked on the machine itself.
  const own = name === "0.0.0.0" ? "127.0.0.1" : name === "::" ? "::1" : name;
  return `http://${own.includes(":") ? `[${own}]` : own}:${String(port)}`;
}

/** Why nobody answered. @param patienceMs how long it was waited for */
export function unreachable(error: unknown, address: URL, patienceMs: number): Problem {
  const { name, code } = error as { name?: string; code?: string };
  if (name === "TimeoutError") {
    return {
      problem: `${address.origin} does not answer within ${patienceMs / 1000} s`,
      help: "look into the error log of the server",
    };
  }
  const why = code === undefined || code === "ConnectionRefused" ? "" : ` (${code})`;
  return {
    problem: `nothing listens at ${address.origin}${why}`,
    help: "add [admin] to the configuration of the server and reload it, or name its file with -c or its address with --url",
  };
}

/** @returns the exit code */
export function fail({ problem, help }: Problem, shell: Shell): number {
  const { red } = styles(shell.color("err"));
  shell.err(`${red("error:")} ${problem}\n  = help: ${help}\n`);
  return 1;
}
