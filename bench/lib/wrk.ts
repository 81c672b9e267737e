import type { Load, LoadOptions } from "./load.ts";
import { runCommand } from "./run-command.ts";

/** HTTP/1.1 with keep-alive, from one thread. */
export async function wrk({ url, connections, seconds, script }: LoadOptions): Promise<Load> {
  const lua = script === undefined ? [] : ["-s", script];
  const command = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency", ...lua, url];
  const text = await runCommand(command, (seconds + 20) * 1000);
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  const requests = number(/(\d+) requests in/);
  const failed = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  const errors = (failed?.slice(1) ?? []).reduce((sum, count) => sum + Number(count), 0);
  const [, slow = "", unit = ""] = /^\s+99%\s+([\d.]+)(us|ms|s)$/m.exec(text) ?? [];
  return {
    ...(slow !== "" && { p99Ms: Number(slow) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? 1) }),
    requests,
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    errors: errors + number(/Non-2xx or 3xx responses: (\d+)/),
  };
}
