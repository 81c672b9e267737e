import { UsageError } from "./command.ts";
import type { Shell } from "./shell.ts";
import { styles } from "./shell.ts";

/** Where the admin listener is unless the configuration says another. */
export const DEFAULT_URL = "http://127.0.0.1:9180";
/** How long the server may take to answer. */
export const PATIENCE_MS = 5_000;

/** What came in the way of asking a server, for the person who typed the command. */
export interface Problem {
  readonly problem: string;
  readonly help: string;
}

/** An address below the admin listener's. @throws UsageError */
export function adminAddress(url: string | true | undefined, path: string): URL {
  const text = typeof url === "string" ? url : DEFAULT_URL;
  const address = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (address === null || !/^https?:$/.test(address.protocol)) {
    throw new UsageError(`--url ${text} is no address`, `write it as ${DEFAULT_URL}`);
  }
  return new URL(path, address);
}

/** Why nobody answered. */
export function unreachable(error: unknown, address: URL): Problem {
  const { name, code } = error as { name?: string; code?: string };
  if (name === "TimeoutError") {
    return {
      problem: `${address.origin} does not answer within ${PATIENCE_MS / 1000} s`,
      help: "look into the error log of the server",
    };
  }
  const why = code === undefined || code === "ConnectionRefused" ? "" : ` (${code})`;
  return {
    problem: `nothing listens at ${address.origin}${why}`,
    help: "add [admin] to the configuration of the server and reload it, or name its address with --url",
  };
}

/** @returns the exit code */
export function fail({ problem, help }: Problem, shell: Shell): number {
  const { red } = styles(shell.color("err"));
  shell.err(`${red("error:")} ${problem}\n  = help: ${help}\n`);
  return 1;
}
