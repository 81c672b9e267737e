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
  const counts = /(\d+) total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed, (\d+) errored/;
  const [, , succeeded = 0, failed = 0, errored = 0] = (counts.exec(text) ?? []).map(Number);
  // What is still under way when time is up counts as failed there, and is no error.
  const status = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(text);
  const refused = Number(status?.[3] ?? 0) + Number(status?.[4] ?? 0);
  return {
    requests: succeeded,
    perSecond: Number(/finished in [^,]+, ([\d.]+) req\/s/.exec(text)?.[1] ?? 0),
    errors: refused + Math.max(0, failed - errored),
  };
}
