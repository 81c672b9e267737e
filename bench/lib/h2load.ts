import type { Load, LoadOptions } from "./load.ts";
import { runCommand } from "./run-command.ts";

/** Streams at once on each connection. */
const STREAMS = 8;

/** HTTP/2 over TLS, from one thread: as many requests in flight as `connections` says. */
export async function h2load({ url, connections, seconds }: LoadOptions): Promise<Load> {
  const clients = Math.max(1, Math.round(connections / STREAMS));
  // Windows of 16 MB, so that a server's speed and not the round trips of WINDOW_UPDATE is measured.
  const options = ["-t1", `-c${clients}`, `-m${STREAMS}`, "-w24", "-W24", `-D${seconds}`];
  const text = await runCommand(["h2load", ...options, url], (seconds + 20) * 1000);
  // What is under way when time is up is not counted. "failed" holds what has broken, what took too long, and
  // answers of 4xx and 5xx.
  const counts = /(\d+) succeeded, (\d+) failed, \d+ errored/.exec(text);
  if (counts === null) throw new Error(`h2load says nothing of requests:\n${text}`);
  return {
    requests: Number(counts[1]),
    perSecond: Number(/finished in [^,]+, ([\d.]+) req\/s/.exec(text)?.[1] ?? 0),
    errors: Number(counts[2]),
  };
}
