import { join } from "node:path";
import { residentBytes } from "./process-cpu.ts";
import type { RunningServer } from "./start-server.ts";

const TIMEOUT_MS = 120_000;

export interface IdleMemory {
  /** Bytes before the first of the connections. */
  readonly before: number;
  /** Bytes with all of them open. */
  readonly open: number;
}

/** The memory of a server that holds so many keep-alive connections, each of which has made one request. */
export async function idleMemory(
  server: RunningServer,
  tls: boolean,
  count: number,
): Promise<IdleMemory> {
  const before = residentBytes(server.pid);
  const script = join(import.meta.dir, "idle-client.ts");
  const args = [String(server.port), tls ? "tls" : "plain", String(count)];
  const client = Bun.spawn([process.execPath, script, ...args], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
    timeout: TIMEOUT_MS,
  });
  try {
    const { value } = await client.stdout.getReader().read();
    if (!new TextDecoder().decode(value).startsWith("ready")) {
      throw new Error(`${count} connections could not be opened: is "ulimit -n" large enough?`);
    }
    return { before, open: residentBytes(server.pid) };
  } finally {
    await client.stdin.end();
    await client.exited;
  }
}
